package io.carrick.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every message store promises that outlives its process. */
public abstract class DurableStoreContract extends MessageStoreContract {

  private static final long QUEUE = 7;

  private final Map<String, String> definitions = new TreeMap<>();
  private final Map<Long, Long> counts = new TreeMap<>();

  /** Closes the store and opens it again: {@link #open} opens what is there. */
  private void reopen() throws IOException {
    store.close();
    definitions.clear();
    counts.clear();
    store = open();
    store.recover(
        new MessageStore.Recovery() {
          @Override
          public void definition(String table, String key, byte[] record) {
            definitions.put(table + "/" + key, new String(record));
          }

          @Override
          public void queue(long queueId, long messages) {
            counts.put(queueId, messages);
          }
        });
  }

  private void commit(Appender appender) throws InterruptedException {
    var woken = new CountDownLatch(1);
    store.wakeWhenDurable(appender.submit(), woken::countDown);
    assertThat(woken.await(10, TimeUnit.SECONDS)).isTrue();
  }

  private List<StoredMessage> readAll(long queue) throws InterruptedException {
    QueueLog log = store.queueLog(queue, Runnable::run);
    var all = new ArrayList<StoredMessage>();
    while (log.size() > 0) {
      all.addAll(read(log, 1_000, 1 << 20));
    }
    return all;
  }

  private static List<String> texts(List<StoredMessage> messages) {
    return messages.stream().map(m -> m.message().text()).toList();
  }

  @Test
  void itOutlivesTheProcess() {
    assertThat(store.outlivesProcess()).isTrue();
  }

  @Test
  void whatWasNotSettledComesBackInOrderWithItsSequence() throws Exception {
    Appender appender = store.appender();
    long[] queues = {QUEUE, 8};
    long first = appender.append(Message.of("1"), queues, 2);
    long second = appender.append(Message.of("2"), queues, 2);
    long third = appender.append(Message.of("3"), queues, 1);
    appender.settle(QUEUE, second);
    appender.settle(8, first);
    commit(appender);

    reopen();

    assertThat(counts).containsExactly(Map.entry(QUEUE, 2L), Map.entry(8L, 1L));
    List<StoredMessage> back = readAll(QUEUE);
    assertThat(texts(back)).containsExactly("1", "3");
    assertThat(back).extracting(StoredMessage::sequence).containsExactly(first, third);
    assertThat(texts(readAll(8))).containsExactly("2");
  }

  @Test
  void newSequencesAreAboveThoseOfEarlierRuns() throws Exception {
    Appender appender = store.appender();
    long before = appender.append(Message.of("1"), new long[] {QUEUE}, 1);
    commit(appender);

    reopen();

    assertThat(store.appender().append(Message.of("2"), new long[] {QUEUE}, 1))
        .isGreaterThan(before);
    assertThat(store.durableSequence()).isGreaterThanOrEqualTo(before);
  }

  @Test
  void definitionsComeBackAsTheyWereLast() throws Exception {
    Appender appender = store.appender();
    appender.put("t", "kept", "1".getBytes());
    appender.put("t", "changed", "1".getBytes());
    appender.put("t", "deleted", "1".getBytes());
    commit(appender);
    appender.put("t", "changed", "2".getBytes());
    appender.delete("t", "deleted");
    appender.put("u", "kept", "3".getBytes());
    commit(appender);
    Map<String, String> expected = Map.of("t/kept", "1", "t/changed", "2", "u/kept", "3");

    reopen();
    assertThat(definitions).isEqualTo(expected);
    reopen();
    assertThat(definitions).isEqualTo(expected);
  }

  @Test
  void aDroppedQueueStaysAway() throws Exception {
    Appender appender = store.appender();
    appender.append(Message.of("1"), new long[] {QUEUE, 8}, 2);
    appender.drop(QUEUE);
    commit(appender);

    reopen();

    assertThat(counts).containsExactly(Map.entry(8L, 1L));
  }

  @Test
  void messagesOutOfMemoryComeBackBehindOlderOnesAndTransientOnesDoNot() throws Exception {
    Appender appender = store.appender();
    QueueLog log = store.queueLog(QUEUE, Runnable::run);
    var expected = new ArrayList<String>();
    for (int i = 0; i < 20_000; i++) {
      Message message = Message.of("m" + i);
      boolean stored = i % 3 != 0;
      long sequence = stored ? appender.append(message, new long[] {QUEUE}, 1) : 0;
      if (stored) {
        expected.add("m" + i);
      }
      if (i >= 100) {
        log.add(new StoredMessage(sequence, message, null));
      }
      if (i % 50 == 0) {
        appender.submit();
      }
    }
    commit(appender);
    List<StoredMessage> out = read(log, 1_000, 1 << 20);
    for (StoredMessage m : out) {
      if (m.sequence() != 0) {
        appender.settle(QUEUE, m.sequence());
        expected.remove(m.message().text());
      }
    }
    commit(appender);

    reopen();

    assertThat(counts).containsExactly(Map.entry(QUEUE, (long) expected.size()));
    assertThat(texts(readAll(QUEUE))).isEqualTo(expected);
  }

  @Test
  void whatALogHasBeenClearedOfStaysAway() throws Exception {
    Appender appender = store.appender();
    QueueLog log = store.queueLog(QUEUE, Runnable::run);
    for (int i = 0; i < 10_000; i++) {
      Message message = Message.of("m" + i);
      long sequence = appender.append(message, new long[] {QUEUE}, 1);
      if (i > 0) {
        log.add(new StoredMessage(sequence, message, null));
      }
    }
    commit(appender);

    assertThat(log.clear(appender)).isEqualTo(9_999);
    commit(appender);
    reopen();

    assertThat(texts(readAll(QUEUE))).containsExactly("m0");
  }
}
