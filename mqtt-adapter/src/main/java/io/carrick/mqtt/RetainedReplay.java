package io.carrick.mqtt;

import io.carrick.Message;
import io.carrick.spi.LastValueCursor;
import java.util.ArrayDeque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Brings retained messages to a client that has subscribed, a batch at a time and only while it
 * takes them. Confined to the connection's loop.
 */
final class RetainedReplay {

  private static final int BATCH = 256;

  private final Client client;

  /** Subscriptions with something left; null while there are none. */
  private @Nullable ArrayDeque<Pending> pending;

  private boolean scheduled;

  /** A subscription whose retained messages are being sent. Immutable. */
  private record Pending(LastValueCursor cursor, int grantedQos) {}

  /** Where retained messages go. */
  interface Client {

    /** Returns whether it takes bytes; {@link #next} is called when it does again. */
    boolean takes();

    /** Returns whether the output should be flushed before more is sent. */
    boolean wantsFlush();

    /** Sends one. */
    void retained(Message message, int qos);

    /** Runs the next batch in a later turn. */
    void later(Runnable task);
  }

  RetainedReplay(Client client) {
    this.client = client;
  }

  void add(LastValueCursor cursor, int grantedQos) {
    ArrayDeque<Pending> there = pending;
    if (there == null) {
      there = new ArrayDeque<>(1);
      pending = there;
    }
    there.addLast(new Pending(cursor, grantedQos));
    next();
  }

  /** Goes on if there is something to do and the client takes it. */
  void next() {
    int sent = 0;
    ArrayDeque<Pending> there = pending;
    while (there != null && !scheduled && client.takes()) {
      Pending first = there.peekFirst();
      if (first == null) {
        pending = null;
        return;
      }
      if (sent == BATCH || client.wantsFlush()) {
        scheduled = true;
        client.later(
            () -> {
              scheduled = false;
              next();
            });
        return;
      }
      Optional<Message> message = first.cursor.next();
      if (message.isEmpty()) {
        there.removeFirst();
      } else {
        sent++;
        int qos = message.get().properties().guarantee().qos();
        client.retained(message.get(), Math.min(qos, first.grantedQos));
      }
    }
  }
}
