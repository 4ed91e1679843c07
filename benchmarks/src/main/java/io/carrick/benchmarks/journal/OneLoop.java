package io.carrick.benchmarks.journal;

import io.carrick.Identity;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.storage.Appender;
import io.carrick.storage.MessageCodec;
import io.carrick.storage.MessageStore;
import io.carrick.storage.StoreContext;
import java.io.IOException;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** A store, and the thread that uses it as a broker's loop would. Confined to that thread. */
final class OneLoop implements AutoCloseable {

  static final long QUEUE = 1;
  private static final long[] QUEUES = {QUEUE};

  final MessageStore store;
  final Appender appender;
  private final LinkedBlockingQueue<Runnable> mailbox = new LinkedBlockingQueue<>();
  private final long[] recovered = {0};

  /** Keeps routing keys: the least that a message has. */
  private static final class KeyCodec implements MessageCodec {

    @Override
    public byte[] head(Message message) {
      return message.routingKey().bytes();
    }

    @Override
    public Message message(byte[] head, byte[] payload) {
      return Message.of(payload).addressed("", RoutingKey.ofKey(head), Identity.ANONYMOUS, 0);
    }

    @Override
    public byte[] tag(Object tag) {
      throw new IllegalArgumentException("no tags here");
    }

    @Override
    public @Nullable Object tag(byte[] bytes) {
      return null;
    }
  }

  OneLoop(MessageStore.Factory factory) throws IOException {
    store = factory.open(new StoreContext(new KeyCodec(), Limits.defaults()));
    store.recover(
        new MessageStore.Recovery() {
          @Override
          public void definition(String table, String key, byte[] record) {}

          @Override
          public void queue(long queueId, long messages) {
            recovered[0] += messages;
          }
        });
    appender = store.appender();
  }

  /** Returns how many messages were there when the store was opened. */
  long recovered() {
    return recovered[0];
  }

  static Message message(int bytes) {
    return Message.of(new byte[bytes])
        .addressed("", RoutingKey.ofKey("sensors.kitchen"), Identity.ANONYMOUS, 0);
  }

  long append(Message message) {
    return appender.append(message, QUEUES, 1);
  }

  void execute(Runnable task) {
    mailbox.add(task);
  }

  /** Runs the next task, and waits for it. */
  void runNext() throws InterruptedException {
    mailbox.take().run();
  }

  /** Waits until everything up to a sequence is durable. */
  void awaitDurable(long sequence) throws InterruptedException {
    if (store.durableSequence() < sequence) {
      store.wakeWhenDurable(sequence, () -> execute(() -> {}));
      while (store.durableSequence() < sequence) {
        runNext();
      }
    }
  }

  /** Waits until the store is not congested. */
  void awaitRelief() throws InterruptedException {
    if (store.congested()) {
      boolean[] relieved = {false};
      store.wakeWhenRelieved(() -> execute(() -> relieved[0] = true));
      while (!relieved[0]) {
        runNext();
      }
    }
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
