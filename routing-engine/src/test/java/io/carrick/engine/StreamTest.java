package io.carrick.engine;

import static io.carrick.engine.RestartableBroker.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.AccessRefusedException;
import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.NotSupportedException;
import io.carrick.Policy;
import io.carrick.PreconditionFailedException;
import io.carrick.QueueInfo;
import io.carrick.StreamFilter;
import io.carrick.StreamOffset;
import io.carrick.StreamOptions;
import io.carrick.engine.StreamClient.Reading;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.Done;
import io.carrick.spi.Settlement;
import io.carrick.spi.Transaction;
import io.carrick.storage.Disk;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a stream is to those who publish to it and read it. */
class StreamTest {

  private static final StreamOffset FIRST = StreamOffset.first();

  private final RestartableBroker run = new RestartableBroker(new Disk(), 4);
  private StreamClient near = new StreamClient(run.client("near"));
  private StreamClient far = new StreamClient(run.farClient("far"));

  @BeforeEach
  void declareAStream() {
    declare("s", StreamOptions.none());
  }

  private void declare(String name, StreamOptions options) {
    run.declare(near.client, StreamClient.stream(name, options));
  }

  private void connectAgain() {
    near = new StreamClient(run.client("near"));
    far = new StreamClient(run.farClient("far"));
  }

  private static String[] numbered(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "m" + i).toArray(String[]::new);
  }

  /** What a reader gets that reads all of them. */
  private static List<String> expected(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> i + ":m" + i).toList();
  }

  private QueueInfo info(String queue) {
    return near.client.ask((Attachment a, Completion<QueueInfo> done) -> a.findQueue(queue, done));
  }

  @Test
  @Tag("amqp091:x-stream-offset")
  void everyConsumerBeginsWhereItAskedToAndTakesNothingFromOthers() {
    near.publish("s", numbered(0, 10));

    Reading first = near.read("s", 100, FIRST);
    Reading last = far.read("s", 100, StreamOffset.last());
    Reading next = near.read("s", 100, StreamOffset.next());
    Reading seventh = far.read("s", 100, StreamOffset.at(7));
    Reading later = near.read("s", 100, StreamOffset.at(11));
    far.publish("s", "m10", "m11");

    assertThat(first.all()).isEqualTo(expected(0, 12));
    assertThat(last.all()).isEqualTo(expected(9, 12));
    assertThat(next.all()).isEqualTo(expected(10, 12));
    assertThat(seventh.all()).isEqualTo(expected(7, 12));
    assertThat(later.all()).isEqualTo(expected(11, 12));
    assertThat(info("s").ready()).isEqualTo(12);
    assertThat(info("s").consumers()).isEqualTo(5);
  }

  @Test
  @Tag("amqp091:x-stream-offset")
  void whoAsksForATimeBeginsWithTheFirstMessageThatArrivedThen() {
    for (int i = 0; i < 40; i++) {
      near.publish("s", "m" + i);
      run.loops.advance(1_000);
    }
    long start = run.loops.first.wallTimeMs() - 40_000;

    assertThat(near.read("s", 100, since(start - 5)).all()).isEqualTo(expected(0, 40));
    assertThat(near.read("s", 100, since(start + 17_000)).all()).isEqualTo(expected(17, 40));
    assertThat(far.read("s", 100, since(start + 17_001)).all()).isEqualTo(expected(18, 40));
    Reading future = near.read("s", 100, since(start + 45_000));
    near.publish("s", "m40");
    run.loops.advance(10_000);
    near.publish("s", "m41");
    assertThat(future.all()).isEqualTo(expected(41, 42));
  }

  private static StreamOffset since(long ms) {
    return StreamOffset.since(Instant.ofEpochMilli(ms));
  }

  @Test
  void aReaderFarBehindGetsEverythingThroughItsWindowAndThenWhatIsNew() {
    near.publish("s", numbered(0, 500));
    Reading slow = far.read("s", 3, FIRST);

    assertThat(slow.got).isEqualTo(expected(0, 3));
    slow.settle(1, Settlement.ACCEPT);
    assertThat(slow.got).isEqualTo(expected(0, 4));
    near.publish("s", numbered(500, 520));
    assertThat(slow.all()).isEqualTo(expected(0, 520));
    near.publish("s", "m520");
    assertThat(slow.all()).isEqualTo(expected(0, 521));
  }

  @Test
  @Tag("amqp091:basic.nack")
  void howeverADeliveryIsSettledTheMessageStaysAndTheNextComes() {
    near.publish("s", numbered(0, 8));
    Reading reading = near.read("s", 2, FIRST);

    reading.settle(1, Settlement.REQUEUE);
    reading.settle(1, Settlement.REJECT);
    reading.settle(1, Settlement.UNDELIVERABLE);

    assertThat(reading.got).isEqualTo(expected(0, 5));
    assertThat(info("s").ready()).isEqualTo(8);
    assertThat(info("s").unsettled()).isEqualTo(2);
    assertThat(near.read("s", 20, FIRST).all()).isEqualTo(expected(0, 8));
  }

  @Test
  void nothingIsReadBeforeItIsSafe() {
    Reading reading = near.read("s", 10, FIRST);
    run.disk.hold();
    near.publish("s", "m0");
    far.publish("s", "m1");

    assertThat(reading.got).isEmpty();
    assertThat(near.client.told).isEmpty();
    run.disk.release();
    run.loops.run();
    assertThat(reading.got).isEqualTo(expected(0, 2));
    assertThat(near.client.told).containsExactly("accepted 1-1");
  }

  @Test
  void afterARestartOffsetsGoOn() {
    near.publish("s", numbered(0, 20));
    run.restart();
    connectAgain();
    near.publish("s", numbered(20, 25));

    assertThat(far.read("s", 7, FIRST).all()).isEqualTo(expected(0, 25));
    assertThat(info("s").ready()).isEqualTo(25);
  }

  @Test
  void afterACrashEveryConfirmedMessageHasTheOffsetThatReadersSaw() {
    Reading reading = near.read("s", 100, FIRST);
    near.publish("s", "a0");
    // The far one's is appended first and arrives last.
    run.loops.second.turn(() -> far.publish(far.client.port, "s", "b1", "b2"));
    run.loops.first.turn(() -> near.publish(near.client.port, "s", "a3"));
    run.loops.run();
    List<String> seen = List.copyOf(reading.got);
    run.disk.hold();
    near.publish("s", "lost");
    run.crash();
    connectAgain();
    far.publish("s", "new");

    assertThat(seen).hasSize(4);
    var all = new ArrayList<>(seen);
    all.add("4:new");
    assertThat(near.read("s", 100, FIRST).all()).isEqualTo(all);
  }

  @Test
  @Tag("amqp091:x-max-length-bytes")
  void onlyWholeSegmentsAreDroppedWhenThereIsTooMuch() {
    declare("small", StreamOptions.none().segmentBytes(660).maxLengthBytes(2_000));
    Reading behind = near.read("small", 1, FIRST);
    near.publish("small", "m0");
    near.publish("small", numbered(1, 100));

    long kept = info("small").ready();
    assertThat(kept).isBetween(20L, 40L);
    assertThat(near.read("small", 100, FIRST).all())
        .isEqualTo(expected(100 - (int) kept, 100))
        .hasSizeLessThan(41);
    assertThat(run.broker.metrics().dropped("retention")).isEqualTo(100 - kept);
    // Who was behind goes on with what is there.
    assertThat(behind.all()).startsWith("0:m0").endsWith("99:m99").hasSizeLessThan(50);
    run.restart();
    connectAgain();
    int left = (int) info("small").ready();
    assertThat(left).isBetween(20, (int) kept);
    assertThat(near.read("small", 100, FIRST).all()).isEqualTo(expected(100 - left, 100));
  }

  @Test
  @Tag("amqp091:x-max-age")
  void segmentsThatAreTooOldGoByThemselvesButNotTheOneThatIsWrittenTo() {
    StreamOptions hour = StreamOptions.none().segmentBytes(660).maxAge(Duration.ofHours(1));
    declare("old", hour);
    near.publish("old", numbered(0, 25));
    assertThat(info("old").ready()).isEqualTo(25);

    run.loops.advance(Duration.ofMinutes(59).toMillis());
    assertThat(info("old").ready()).isEqualTo(25);
    run.loops.advance(Duration.ofMinutes(2).toMillis());
    assertThat(info("old").ready()).isBetween(1L, 10L);
    run.loops.advance(Duration.ofDays(2).toMillis());
    assertThat(info("old").ready()).isBetween(1L, 10L);
  }

  @Test
  @Tag("amqp091:policies")
  void aPolicyChangesTheBoundsOfAStreamThatIsThere() {
    declare("bounded", StreamOptions.none().segmentBytes(660));
    near.publish("bounded", numbered(0, 100));
    Policy policy =
        new Policy(
            "/",
            "p",
            Policy.Kind.USER,
            "^bounded$",
            Policy.AppliesTo.STREAMS,
            0,
            Map.of("max-length-bytes", 2_000));
    run.loops.await(run.broker.admin().policies().put(policy).toCompletableFuture());

    assertThat(info("bounded").ready()).isBetween(20L, 40L);
    near.publish("bounded", numbered(100, 200));
    assertThat(info("bounded").ready()).isBetween(20L, 40L);
    run.restart();
    connectAgain();
    assertThat(near.read("bounded", 100, FIRST).all()).endsWith("199:m199").hasSizeBetween(10, 40);
  }

  @Test
  void aMessageOfAStreamAndAQueueIsStoredInOneStep() {
    run.declare(near.client, RestartableBroker.durable("q"));
    near.client.bind(Binding.of("amq.fanout", "s", ""));
    near.client.bind(Binding.of("amq.fanout", "q", ""));
    run.publish(near.client, "amq.fanout", "", "m0");

    run.crash();
    connectAgain();
    assertThat(run.drain(near.client, "q")).containsExactly("m0");
    assertThat(near.read("s", 10, FIRST).all()).containsExactly("0:m0");
  }

  @Test
  @Tag("amqp091:tx.commit")
  void aTransactionPublishesToAStreamAndWhatItAcceptsStays() {
    Transaction transaction = near.client.openTransaction(returned -> {});
    near.publish("s", numbered(0, 40)); // so many that offsets are as high as sequences
    Reading reading = near.read("s", 43, FIRST);
    near.client.act(
        p -> {
          for (String text : numbered(40, 46)) {
            transaction.publish(near.client.message("", "s", PERSISTENT, text), true);
          }
        });
    assertThat(reading.got).isEqualTo(expected(0, 40));
    commit(transaction);
    assertThat(reading.got).isEqualTo(expected(0, 43));
    reading.accept(transaction);
    assertThat(reading.got).isEqualTo(expected(0, 43));
    commit(transaction);
    assertThat(reading.got).isEqualTo(expected(0, 46));

    run.crash();
    connectAgain();
    assertThat(near.read("s", 100, FIRST).all()).isEqualTo(expected(0, 46));
  }

  private void commit(Transaction transaction) {
    near.client.ask((Attachment a, Completion<Done> done) -> transaction.commit(done));
  }

  @Test
  void aStreamKeepsTransientMessagesAsWell() {
    near.client.publish("", "s", "m0");
    run.crash();
    connectAgain();

    assertThat(near.read("s", 10, FIRST).all()).containsExactly("0:m0");
  }

  @Test
  @Tag("amqp091:x-stream-filter")
  void aFilterLetsThroughWhatItsPublisherHasNamed() {
    for (String value : List.of("a", "b", "", "c", "a")) {
      var builder = Message.builder("").persistent();
      MessageProperties properties =
          (value.isEmpty() ? builder : builder.header("x-stream-filter-value", value))
              .build()
              .properties();
      near.client.act(
          a -> a.publishConfirmed(near.client.message("", "s", properties, "is" + value)));
    }
    var one = near.request("s", 1, FIRST, StreamFilter.of("a"));
    var two = far.request("s", 10, FIRST, StreamFilter.of("b", "c"));
    var some = near.request("s", 10, FIRST, StreamFilter.of("c").orUnfiltered());

    assertThat(near.read(one).all()).containsExactly("0:isa", "4:isa");
    assertThat(far.read(two).all()).containsExactly("1:isb", "3:isc");
    assertThat(near.read(some).all()).containsExactly("2:is", "3:isc");
  }

  @Test
  void whoseStreamIsDeletedIsTold() {
    near.publish("s", "m0");
    Reading reading = far.read("s", 10, FIRST);
    long dropped =
        near.client.ask(
            (Attachment a, Completion<Long> done) -> a.deleteQueue("s", false, false, done));

    assertThat(dropped).isEqualTo(1);
    assertThat(run.broker.metrics().dropped("queue-deleted")).isEqualTo(1);
    assertThat(reading.got).containsExactly("0:m0", "QUEUE_DELETED");
    declare("s", StreamOptions.none());
    assertThat(near.read("s", 10, FIRST).all()).isEmpty();
    run.crash();
    connectAgain();
    assertThat(info("s").ready()).isZero();
  }

  @Test
  void aCancelledConsumerGetsNoMoreAndSettlesWhatItHas() {
    near.publish("s", numbered(0, 5));
    Reading reading = far.read("s", 2, FIRST);
    reading.cancel();
    reading.settle(2, Settlement.ACCEPT);
    near.publish("s", "m5");

    assertThat(reading.got).isEqualTo(expected(0, 2));
    assertThat(info("s").consumers()).isZero();
  }

  @Test
  void aConsumerThatTakesNoBytesWaits() {
    Reading reading = near.read("s", 10, FIRST);
    near.client.act(p -> reading.consumption().writable(false));
    near.publish("s", numbered(0, 20));
    assertThat(reading.got).isEmpty();
    near.client.act(p -> reading.consumption().writable(true));
    assertThat(reading.all()).isEqualTo(expected(0, 20));
  }

  @Test
  void whoeverReadsAtTheEndNeedsNothingFromTheDisk() {
    Reading one = near.read("s", 3, StreamOffset.next());
    Reading other = far.read("s", 3, StreamOffset.next());
    for (int i = 0; i < 50; i++) {
      near.publish("s", "m" + i);
      one.all();
      other.all();
    }
    assertThat(one.got).isEqualTo(expected(0, 50));
    assertThat(other.got).isEqualTo(expected(0, 50));
    assertThat(run.disk.streamReads()).isZero();
    near.read("s", 3, FIRST);
    assertThat(run.disk.streamReads()).isPositive();
  }

  @Test
  void nothingIsHeldInMemoryForWhatReadersHaveReadOrIsFarBack() {
    long before = heldBytes();
    Reading reading = near.read("s", 1, FIRST);
    near.publish("s", numbered(0, 2_000));
    far.read("s", 1, FIRST);

    assertThat(heldBytes() - before).isLessThan(1 << 20);
    reading.all();
    near.client.ask(
        (Attachment a, Completion<Long> done) -> a.deleteQueue("s", false, false, done));
    assertThat(heldBytes()).isEqualTo(before);
  }

  private long heldBytes() {
    return run.broker.metrics().value("memory.held{kind=messages}");
  }

  @Test
  void whatAStreamCannotDoIsRefusedInRabbitMqsWords() {
    String s = "queue 's' in vhost '/'";
    assertRefused(
        PreconditionFailedException.class,
        "consumer prefetch count is not set for stream " + s,
        near.request("s", 0, FIRST));
    assertRefused(
        NotSupportedException.class,
        "automatic acknowledgement not supported by stream " + s,
        new ConsumeRequest("s", true, Mode.SHARED, 1, 0));
    assertRefused(
        NotSupportedException.class,
        s + " does not support global qos",
        new ConsumeRequest("s", false, Mode.SHARED, 1, 0).within(near.client.port.openWindow(1)));
    assertRefused(
        PreconditionFailedException.class,
        "invalid arg 'x-priority' for " + s + " of queue type rabbit_stream_queue",
        new ConsumeRequest("s", false, Mode.SHARED, 1, 3));
    assertThatThrownBy(() -> run.get(near.client, "s"))
        .isInstanceOf(NotSupportedException.class)
        .hasMessage("basic.get not supported by stream queues " + s);
    assertThatThrownBy(
            () -> near.client.ask((Attachment a, Completion<Long> done) -> a.purgeQueue("s", done)))
        .isInstanceOf(NotSupportedException.class)
        .hasMessage("queue.purge not supported by stream queues " + s);
    run.declare(near.client, RestartableBroker.durable("q"));
    assertRefused(
        PreconditionFailedException.class,
        "invalid arg 'x-stream-offset' for queue 'q' in vhost '/' of queue type"
            + " rabbit_classic_queue",
        near.request("q", 1, FIRST));
  }

  private void assertRefused(Class<?> type, String text, ConsumeRequest request) {
    assertThatThrownBy(() -> near.read(request)).isInstanceOf(type).hasMessage(text);
  }

  @Test
  void anExclusiveConsumerIsAlone() {
    far.read(new ConsumeRequest("s", false, Mode.EXCLUSIVE, 1, 0));
    assertRefused(
        AccessRefusedException.class,
        "queue 's' in vhost '/' in exclusive use",
        near.request("s", 1, FIRST));
  }
}
