package io.carrick.mqtt;

import io.carrick.Message;
import io.carrick.spi.LastValueCursor;
import java.util.ArrayDeque;
import java.util.Optional;

/**
 * Brings retained messages to a client that has subscribed, a batch at a time and only while it
 * takes them. Confined to the connection's loop.
 */
final class RetainedReplay {

  private static final int BATCH = 256;

  private final Client client;
  private final ArrayDeque<Pending> pending = new ArrayDeque<>();
  private boolean scheduled;

  /** A subscription whose retained messages are being sent. Immutable. */
  private record Pending(LastValueCursor cursor, int grantedQos) {}

  /** Where retained messages go. */
  interface Client {

    /** Returns whether more may be sent now. */
    boolean takesMore();

    /** Sends one. */
    void retained(Message message, int qos);

    /** Runs the next batch in a later turn. */
    void later(Runnable task);
  }

  RetainedReplay(Client client) {
    this.client = client;
  }

  void add(LastValueCursor cursor, int grantedQos) {
    pending.addLast(new Pending(cursor, grantedQos));
    next();
  }

  /** Goes on if there is something to do and the client takes it. */
  void next() {
    int sent = 0;
    while (!pending.isEmpty() && !scheduled) {
      if (!client.takesMore()) {
        return;
      }
      if (sent == BATCH) {
        scheduled = true;
        client.later(
            () -> {
              scheduled = false;
              next();
            });
        return;
      }
      Pending first = pending.getFirst();
      Optional<Message> message = first.cursor.next();
      if (message.isEmpty()) {
        pending.removeFirst();
      } else {
        sent++;
        int qos = message.get().properties().guarantee().qos();
        client.retained(message.get(), Math.min(qos, first.grantedQos));
      }
    }
  }
}
