package io.carrick.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Limits;
import io.carrick.Message;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every message store promises; a store's own test extends it. */
public abstract class MessageStoreContract {

  private static final long QUEUE = 7;

  /** What the tests lend to a store. */
  protected static final StoreContext CONTEXT =
      new StoreContext(new PlainCodec(), Limits.defaults());

  /** The store under test, opened and recovered. */
  protected MessageStore store;

  /** Opens an empty store. */
  protected abstract MessageStore open() throws IOException;

  /** Shows nothing: the store is empty. */
  private static final MessageStore.Recovery NOTHING =
      new MessageStore.Recovery() {
        @Override
        public void definition(String table, String key, byte[] record) {
          throw new AssertionError("a new store holds no definition");
        }

        @Override
        public void queue(long queueId, long messages) {
          throw new AssertionError("a new store holds no message");
        }
      };

  @BeforeEach
  void openStore() throws IOException {
    store = open();
    store.recover(NOTHING);
  }

  @AfterEach
  void closeStore() throws IOException {
    store.close();
  }

  private static StoredMessage stored(String text) {
    return new StoredMessage(0, Message.of(text), null);
  }

  private static List<String> texts(List<StoredMessage> messages) {
    return messages.stream().map(m -> m.message().text()).toList();
  }

  /** Reads a batch, which a store may deliver later, by a thread of its own. */
  static List<StoredMessage> read(QueueLog log, int maxMessages, long maxBytes)
      throws InterruptedException {
    var read = new ArrayList<StoredMessage>();
    var done = new CountDownLatch(1);
    log.readNext(
        maxMessages,
        maxBytes,
        batch -> {
          read.addAll(batch);
          done.countDown();
        });
    assertThat(done.await(10, TimeUnit.SECONDS)).as("the batch was read").isTrue();
    return read;
  }

  @Test
  void sequencesOfAnAppenderRise() {
    Appender appender = store.appender();
    long first = appender.append(Message.of("1"), new long[] {QUEUE}, 1);
    long second = appender.append(Message.of("2"), new long[] {QUEUE, 8}, 2);
    long third = appender.put("table", "key", new byte[] {1});

    assertThat(first).isPositive();
    assertThat(second).isGreaterThan(first);
    assertThat(third).isGreaterThan(second);
    assertThat(appender.submit()).isGreaterThanOrEqualTo(third);
  }

  @Test
  void sequencesOfTwoAppendersNeverMeet() {
    Appender one = store.appender();
    Appender two = store.appender();
    long a = one.append(Message.of("1"), new long[] {QUEUE}, 1);
    long b = two.append(Message.of("2"), new long[] {QUEUE}, 1);
    one.submit();
    two.submit();

    assertThat(a).isNotEqualTo(b);
  }

  @Test
  void whatWasSubmittedBecomesDurableAndWakesWhoWaits() throws Exception {
    Appender appender = store.appender();
    appender.append(Message.of("1"), new long[] {QUEUE}, 1);
    long last = appender.submit();
    var woken = new CountDownLatch(1);

    store.wakeWhenDurable(last, woken::countDown);

    assertThat(woken.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(store.durableSequence()).isGreaterThanOrEqualTo(last);
    assertThat(store.state()).isEqualTo(MessageStore.State.OPEN);
  }

  @Test
  void theDurableSequenceNeverFalls() {
    Appender appender = store.appender();
    long highest = 0;
    for (int i = 0; i < 100; i++) {
      long sequence = appender.append(Message.of("m" + i), new long[] {QUEUE}, 1);
      appender.settle(QUEUE, sequence);
      appender.submit();
      long durable = store.durableSequence();
      assertThat(durable).isGreaterThanOrEqualTo(highest);
      highest = durable;
    }
  }

  @Test
  void aLogGivesBackWhatWasAddedInOrderAndInBatches() throws Exception {
    QueueLog log = store.queueLog(QUEUE, Runnable::run);
    for (int i = 1; i <= 5; i++) {
      log.add(stored("m" + i));
    }

    assertThat(log.size()).isEqualTo(5);
    assertThat(log.bytes()).isEqualTo(10);
    assertThat(texts(read(log, 2, 1_000))).containsExactly("m1", "m2");
    log.add(stored("m6"));
    assertThat(texts(read(log, 10, 1_000))).containsExactly("m3", "m4", "m5", "m6");
    assertThat(log.size()).isZero();
    assertThat(log.bytes()).isZero();
    assertThat(read(log, 10, 1_000)).isEmpty();
  }

  @Test
  void aReadStopsAtItsBytesButMakesProgress() throws Exception {
    QueueLog log = store.queueLog(QUEUE, Runnable::run);
    log.add(stored("x".repeat(100)));
    log.add(stored("y".repeat(100)));

    assertThat(read(log, 10, 1)).hasSize(1);
    assertThat(read(log, 10, 1_000)).hasSize(1);
  }

  @Test
  void aClearedLogIsEmptyAndTellsHowMuchItHad() throws Exception {
    QueueLog log = store.queueLog(QUEUE, Runnable::run);
    log.add(stored("a"));
    log.add(stored("b"));

    assertThat(log.clear(store.appender())).isEqualTo(2);
    assertThat(log.size()).isZero();
    assertThat(log.bytes()).isZero();
    assertThat(read(log, 10, 1_000)).isEmpty();
  }

  @Test
  void logsOfTwoQueuesDoNotMeet() throws Exception {
    store.queueLog(1, Runnable::run).add(stored("one"));

    assertThat(read(store.queueLog(2, Runnable::run), 10, 1_000)).isEmpty();
  }

  @Test
  void aLogThatWasEmptyAndNeverUsedCanBeAskedForAgain() throws Exception {
    assertThat(store.queueLog(QUEUE, Runnable::run).size()).isZero();
    QueueLog again = store.queueLog(QUEUE, Runnable::run);
    assertThat(again.size()).isZero();
    Appender appender = store.appender();
    Message message = Message.of("m");
    long sequence = appender.append(message, new long[] {QUEUE}, 1);
    appender.submit();
    again.add(new StoredMessage(sequence, message, null));

    assertThat(read(again, 10, 1_000)).hasSize(1);
  }

  @Test
  void aLogKeepsSequenceAndMessage() throws Exception {
    QueueLog log = store.queueLog(QUEUE, Runnable::run);
    Appender appender = store.appender();
    Message message = Message.of("m");
    long sequence = appender.append(message, new long[] {QUEUE}, 1);
    appender.submit();
    log.add(new StoredMessage(sequence, message, null));

    StoredMessage read = read(log, 1, 1).get(0);

    assertThat(read.sequence()).isEqualTo(sequence);
    assertThat(read.message().text()).isEqualTo("m");
  }

  @Test
  void sequencesOfARecordSetRiseAndTheSetIsSubmittedAsAWhole() throws Exception {
    Appender appender = store.appender();
    appender.begin();
    long first = appender.append(Message.of("1"), new long[] {QUEUE}, 1);
    appender.begin();
    appender.settle(QUEUE, first);
    appender.end();
    long second = appender.put("table", "key", new byte[] {1});
    appender.end();
    long last = appender.submit();
    var woken = new CountDownLatch(1);

    store.wakeWhenDurable(last, woken::countDown);

    assertThat(woken.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(second).isGreaterThan(first);
    assertThat(last).isGreaterThanOrEqualTo(second);
  }

  @Test
  void whatIsNotThereIsSettledDroppedAndDeletedWithoutHarm() {
    Appender appender = store.appender();
    appender.settle(QUEUE, 1);
    appender.drop(QUEUE);
    appender.delete("table", "key");
    appender.submit();

    assertThat(store.state()).isEqualTo(MessageStore.State.OPEN);
  }
}
