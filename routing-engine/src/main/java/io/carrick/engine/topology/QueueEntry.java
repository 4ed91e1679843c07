package io.carrick.engine.topology;

import io.carrick.engine.queue.Queue;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A queue as its virtual host knows it. The queue itself is confined to its loop; the marks are
 * made under the lock of {@code this}, and each is written by the loop of its index alone.
 */
public final class QueueEntry extends Destination {

  /** What an idle queue holds in memory, with its names and its places in tables. */
  static final int MEMORY_BYTES = 700;

  public final Queue queue;

  /** The client that it belongs to exclusively; null if to nobody. */
  final @Nullable Owner owner;

  /** Where the routing of each loop noted it last; null before the first message. */
  private volatile int @Nullable [] marks;

  /** The bindings as a session decides by them again; null until that is needed. */
  volatile @Nullable Rematch rematch;

  /**
   * In how many queues that several share it has a part, if it is a session's. Guarded by the lock
   * of the virtual host.
   */
  int shares;

  QueueEntry(Queue queue, @Nullable Owner owner) {
    this.queue = queue;
    this.owner = owner;
  }

  /** Names the connection that it belongs to exclusively, if to one. */
  public Optional<String> ownerId() {
    return Optional.ofNullable(owner).map(Owner::connectionId);
  }

  /** Returns one mark for each loop, of which each loop writes its own. */
  public int[] marks(int loops) {
    int[] made = marks;
    return made == null ? makeMarks(loops) : made;
  }

  private synchronized int[] makeMarks(int loops) {
    int[] made = marks;
    if (made == null) {
      made = new int[loops];
      marks = made;
    }
    return made;
  }

  @Override
  public String name() {
    return queue.name();
  }

  @Override
  boolean durable() {
    return queue.durable();
  }

  @Override
  void bindingsChanged() {
    rematch = null;
  }

  public boolean isSession() {
    return queue.admission() != null;
  }

  /** Returns whether several sessions share it. */
  public boolean isShared() {
    return queue.isShared();
  }

  /** Returns how many subscriptions a session has: bindings, and parts in what several share. */
  public int subscriptions() {
    return count() + shares;
  }
}
