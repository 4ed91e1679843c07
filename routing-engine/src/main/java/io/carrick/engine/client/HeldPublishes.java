package io.carrick.engine.client;

import io.carrick.spi.Attachment;
import io.carrick.spi.AttachmentListener.Pause;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.function.Consumer;

/**
 * What an in-JVM client has published and the broker does not take during an alarm, in order; its
 * byte credit bounds it. Confined to the client's loop.
 */
final class HeldPublishes {

  private final ArrayDeque<Held> held = new ArrayDeque<>();
  private final EnumSet<Pause> alarms = EnumSet.noneOf(Pause.class);
  private boolean running;

  /** A publish, and what happens if the client closes before. Immutable. */
  private record Held(Consumer<Attachment> publish, Consumer<IllegalStateException> otherwise) {}

  /** Publishes now, or when the alarm is over. */
  void publish(
      Attachment attachment,
      Consumer<Attachment> publish,
      Consumer<IllegalStateException> otherwise) {
    if (alarms.isEmpty() && held.isEmpty()) {
      publish.accept(attachment);
    } else {
      held.add(new Held(publish, otherwise));
    }
  }

  void paused(Pause why) {
    if (why == Pause.MEMORY || why == Pause.DISK) {
      alarms.add(why);
    }
  }

  /** A reason is gone; the first publishes may well bring the next. */
  void resumed(Pause why, Attachment attachment) {
    alarms.remove(why);
    if (running) {
      return;
    }
    running = true;
    while (alarms.isEmpty() && !held.isEmpty()) {
      held.removeFirst().publish.accept(attachment);
    }
    running = false;
  }

  /** The client has closed. */
  void failAll(IllegalStateException why) {
    for (Held h = held.pollFirst(); h != null; h = held.pollFirst()) {
      h.otherwise.accept(why);
    }
  }
}
