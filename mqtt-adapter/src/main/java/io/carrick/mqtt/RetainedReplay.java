package io.carrick.mqtt;

import io.carrick.Message;
import io.carrick.spi.LastValueCursor;
import io.carrick.spi.Loop;
import java.util.ArrayDeque;
import java.util.Optional;

/**
 * Brings retained messages to a client that has subscribed, a batch at a time and only while it
 * takes them. Confined to the connection's loop; there while there is something to bring.
 */
final class RetainedReplay {

  private static final int BATCH = 256;

  private final ActiveSession client;

  /** Subscriptions with something left. */
  private final ArrayDeque<Pending> pending = new ArrayDeque<>(1);

  /** Whether the rest waits for its turn. */
  private boolean scheduled;

  /** A subscription whose retained messages are being sent. Immutable. */
  private record Pending(LastValueCursor cursor, SubscriptionOptions subscription) {}

  RetainedReplay(ActiveSession client) {
    this.client = client;
  }

  void add(LastValueCursor cursor, SubscriptionOptions subscription) {
    pending.addLast(new Pending(cursor, subscription));
    next();
  }

  /** Goes on if there is something to do and the client takes it. */
  void next() {
    Loop loop = client.connection().loop();
    int sent = 0;
    while (!scheduled && client.owner.outputTakes()) {
      Pending first = pending.peekFirst();
      if (first == null) {
        client.replayed();
        return;
      }
      if (sent == BATCH || loop.workedEnough() || wantsFlush()) {
        scheduled = true;
        loop.continueLater(
            () -> {
              scheduled = false;
              next();
            });
        return;
      }
      Optional<Message> message = first.cursor.next();
      if (message.isEmpty()) {
        if (first.cursor.atEnd()) {
          pending.removeFirst();
        } else {
          sent = BATCH; // it has looked far without finding one
        }
        continue;
      }
      loop.worked(1);
      if (client.port.mayGet(message.get())) {
        sent++;
        client.retained(message.get(), first.subscription);
      }
    }
  }

  /** Returns whether the output should be flushed before more is sent. */
  private boolean wantsFlush() {
    return client.connection().pendingBytes() > client.server().outputBytes / 2;
  }
}
