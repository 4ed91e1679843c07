package io.carrick.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Death;
import io.carrick.Death.Reason;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.storage.Appender;
import io.carrick.storage.MessageStore;
import io.carrick.storage.PlainCodec;
import io.carrick.storage.QueueLog;
import io.carrick.storage.StoreContext;
import io.carrick.storage.StoredMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A journal that a test opens, fills and looks at. Confined to the test's thread. */
final class StoreProbe implements AutoCloseable {

  static final StoreContext CONTEXT = new StoreContext(new PlainCodec(), Limits.defaults());

  /** Small segments, so that images are made often. */
  static final Journal.Settings SMALL = new Journal.Settings(Journal.Sync.FSYNC, 64 << 10, false);

  private static final long PATIENCE_SECONDS = 20;

  final MessageStore store;
  final Appender appender;
  final Map<String, String> definitions = new TreeMap<>();
  final Map<Long, Long> counts = new TreeMap<>();
  private final Map<Long, QueueLog> logs = new HashMap<>();

  StoreProbe(FileSystem files) throws IOException {
    this(files, SMALL);
  }

  StoreProbe(FileSystem files, Journal.Settings settings) throws IOException {
    this(JournalStore.open(files, settings, CONTEXT));
  }

  StoreProbe(MessageStore opened) throws IOException {
    this.store = opened;
    try {
      store.recover(
          new MessageStore.Recovery() {
            @Override
            public void definition(String table, String key, byte[] record) {
              assertThat(definitions.put(table + "/" + key, new String(record))).isNull();
            }

            @Override
            public void queue(long queueId, long messages) {
              counts.put(queueId, messages);
            }
          });
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
    appender = store.appender();
  }

  /** Returns a message that a queue has given up, now and then twice, or one that none has. */
  static Message annotated(String text, Random random) {
    Message message = Message.of(text);
    for (int deaths = random.nextInt(3); deaths > 0; deaths--) {
      message =
          message.deadLettered("q" + random.nextInt(2), Reason.REJECTED, "", RoutingKey.EMPTY, 0);
    }
    return message;
  }

  /** Returns what a test can see of a message: its text, and which queues gave it up how often. */
  static String shown(Message message) {
    var shown = new StringBuilder(message.text());
    for (Death death : message.annotations().deaths()) {
      shown.append(' ').append(death.queue()).append(':').append(death.count());
    }
    return shown.toString();
  }

  long append(String text, long... queues) {
    return appender.append(Message.of(text), queues, queues.length);
  }

  /** Submits, and waits until it is safe. */
  void commit() {
    long sequence = appender.submit();
    assertThat(awaitDurable(sequence)).as("durable").isTrue();
  }

  boolean awaitDurable(long sequence) {
    var woken = new CountDownLatch(1);
    store.wakeWhenDurable(sequence, woken::countDown);
    try {
      assertThat(woken.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("woken").isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return store.durableSequence() >= sequence;
  }

  QueueLog log(long queue) {
    return logs.computeIfAbsent(queue, id -> store.queueLog(id, Runnable::run));
  }

  List<StoredMessage> read(long queue, int most) {
    var read = new CompletableFuture<List<StoredMessage>>();
    log(queue).readNext(most, Long.MAX_VALUE, read::complete);
    try {
      return read.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("queue " + queue + " was not read", e);
    }
  }

  /** Reads everything that a queue has out of memory. */
  List<StoredMessage> readAll(long queue) {
    var all = new ArrayList<StoredMessage>();
    while (log(queue).size() > 0) {
      all.addAll(read(queue, 1_000));
    }
    return all;
  }

  List<String> texts(long queue) {
    return readAll(queue).stream().map(m -> m.message().text()).toList();
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
