package io.carrick.engine.topology;

import io.carrick.Message;
import io.carrick.engine.queue.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A queue of the broker's own with messages of one exchange that are due in one stretch of time.
 * Nobody finds it by its name. Immutable; the queue is confined to its loop.
 */
public final class DelayedMessages {

  private final Delays of;
  private final QueueEntry entry;
  private final Stretch stretch;

  DelayedMessages(Delays of, QueueEntry entry, Stretch stretch) {
    this.of = of;
    this.entry = entry;
    this.stretch = stretch;
  }

  /** Returns the virtual host that it is in. */
  public VirtualHost host() {
    return of.keeper().host();
  }

  /** Returns the name of the exchange that the messages come to again. */
  public String exchange() {
    return of.exchange();
  }

  public Queue queue() {
    return entry.queue;
  }

  QueueEntry entry() {
    return entry;
  }

  public Stretch stretch() {
    return stretch;
  }

  /** Returns for how long a message is to wait, in milliseconds. */
  public long delayMs(Message message) {
    return of.delayMs(message);
  }

  /**
   * Returns where a message of it is to wait from now on, nearer to its time; null if the exchange
   * is gone.
   *
   * @param releases publishes it then, if that is a new place; of the same loop
   */
  public @Nullable Queue nearer(Message message, Releases releases) {
    DelayedMessages place = of.place(message, of.delayMs(message), queue().home(), releases);
    return place == null ? null : place.queue();
  }

  /** No message comes to it any more but those that are on their way. */
  public void close() {
    of.forget(this);
  }

  /** Ends the queue, which is empty. Called in its loop, when nothing is on its way any more. */
  public void end() {
    of.keeper().end(entry, queue().home());
  }
}
