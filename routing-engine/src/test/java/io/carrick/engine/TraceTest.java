package io.carrick.engine;

import static io.carrick.engine.RestartableBroker.durable;
import static io.carrick.engine.RestartableBroker.exchange;
import static io.carrick.engine.RestartableBroker.shared;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Binding;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.MessagePath;
import io.carrick.Overflow;
import io.carrick.QueueOptions;
import io.carrick.Trace;
import io.carrick.TraceEvent;
import io.carrick.TraceEvent.Stage;
import io.carrick.TraceFilter;
import io.carrick.spi.Admission;
import io.carrick.spi.Admission.Kind;
import io.carrick.spi.Admission.Verdict;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.Done;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import io.carrick.spi.Settlement;
import io.carrick.spi.Transaction;
import io.carrick.storage.Disk;
import io.carrick.storage.MessageStore.State;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a trace shows of messages on their way, turn by turn and with two loops. */
class TraceTest {

  private static final TraceFilter ALL = TraceFilter.everything();

  private RestartableBroker run = new RestartableBroker();
  private TestClient near = run.client("near");
  private TestClient far = run.farClient("far");

  private void start(Limits limits) {
    run = new RestartableBroker(new Disk(), limits);
    near = run.client("near");
    far = run.farClient("far");
  }

  private void declare(TestClient by, String queue, QueueOptions options) {
    run.declare(by, new QueueDeclaration(queue, true, false, false, options.arguments(), null));
  }

  private static String tree(Trace trace) {
    List<MessagePath> all = trace.messages();
    assertThat(all).hasSize(1);
    return all.get(0).tree();
  }

  private static List<Stage> stages(Trace trace) {
    return trace.messages().stream()
        .flatMap(path -> path.events().stream())
        .map(TraceEvent::stage)
        .toList();
  }

  private void settleOne(String queue, Settlement how) {
    Attachment.Fetched got = run.get(near, queue).orElseThrow();
    near.act(p -> got.consumption().settle(got.deliveryId(), how));
  }

  // ---- where it goes

  @Test
  void aTraceShowsArrivalExchangesBindingsQueuesDeliveriesAndSettlementOnBothLoops() {
    run.declare(near, exchange("behind", "fanout", false));
    near.bind(Binding.toExchange("amq.topic", "behind", "greenhouse.#"));
    run.declare(near, durable("readings"));
    near.bind(Binding.of("amq.topic", "readings", "greenhouse.*.temp"));
    run.declare(far, durable("archive"));
    far.bind(Binding.of("behind", "archive", ""));
    var consumer = far.consume(shared("archive"));

    Trace trace = run.broker.trace(ALL);
    run.publish(near, "amq.topic", "greenhouse.1.temp", "21");
    run.loops.advance(3);
    consumer.settle(0, Settlement.ACCEPT);

    assertThat(tree(trace))
        .isEqualTo(
            """
            greenhouse.1.temp from near (test) at 00:16:40.000
            └─ amq.topic
               ├─ greenhouse.# → behind
               │  └─ → archive: delivered to far (test) +0 ms, accepted +3 ms
               └─ greenhouse.*.temp → readings: queued""");
    assertThat(trace).hasToString(tree(trace));
    assertThat(trace.messages().get(0).events())
        .allSatisfy(e -> assertThat(e.message()).isEqualTo(1))
        .filteredOn(e -> e.stage() == Stage.ACCEPTED)
        .singleElement()
        .satisfies(e -> assertThat(e.time().toEpochMilli()).isEqualTo(1_000_003));
  }

  @Test
  void theDefaultExchangeHasNoBindingsAndAnAlternateOneIsShownWhereItIsUsed() {
    run.declare(near, exchange("spare", "fanout", false));
    run.declare(
        near,
        new ExchangeDeclaration(
            "first", "direct", false, false, false, Map.of("alternate-exchange", "spare")));
    run.declare(near, durable("q"));
    near.bind(Binding.of("spare", "q", ""));
    Trace trace = run.broker.trace(ALL);
    run.publish(near, "", "q", "1");
    run.publish(near, "first", "k", "2");
    run.publish(near, "amq.direct", "k", "3");

    assertThat(trace)
        .hasToString(
            """
            q from near (test) at 00:16:40.000
            └─ (default exchange)
               └─ → q: queued

            k from near (test) at 00:16:40.000
            └─ first: led nowhere
               └─ alternate → spare
                  └─ → q: queued

            k from near (test) at 00:16:40.000
            └─ amq.direct: unroutable""");
  }

  @Test
  void aDeadLetterIsFollowedFromTheQueueThatGaveItUpToWhereItGoesAndNotRoundInACircle() {
    declare(
        near,
        "work",
        QueueOptions.none().messageTtl(Duration.ofMillis(10)).deadLetterTo("", "later"));
    declare(
        far,
        "later",
        QueueOptions.none().messageTtl(Duration.ofMillis(20)).deadLetterTo("", "work"));
    Trace trace = run.broker.trace(ALL);
    near.act(
        p -> {
          Message made = near.message("", "work", RestartableBroker.PERSISTENT, "m");
          p.publishConfirmed(made.arriving(run.loops.first.wallTimeMs()));
        });
    run.loops.advance(10);
    run.loops.advance(20);

    assertThat(tree(trace))
        .isEqualTo(
            """
            work from near (test) at 00:16:40.000
            └─ (default exchange)
               └─ → work: queued
                  └─ dead-lettered, expired +10 ms
                     └─ (default exchange)
                        └─ → later: queued
                           └─ dead-lettered, expired +30 ms
                              └─ (default exchange)
                                 └─ → work: dropped, dead-letter-circle +30 ms""");
  }

  @Test
  void aMessageThatWaitsIsFollowedWhenItsTimeHasCome() {
    run.declare(near, exchange("later", "late", true));
    run.declare(far, durable("q"));
    far.bind(Binding.of("later", "q", "k"));
    Trace trace = run.broker.trace(ALL);
    var late = Message.builder("").persistent().header("late", 50L).build().properties();
    near.act(
        p ->
            p.publishConfirmed(
                near.message("later", "k", late, "m").arriving(run.loops.first.wallTimeMs())));
    run.loops.advance(50);
    assertThat(run.drain(near, "q")).containsExactly("m");

    assertThat(tree(trace))
        .isEqualTo(
            """
            k from near (test) at 00:16:40.000
            ├─ later: delayed +0 ms
            └─ released +50 ms
               └─ later
                  └─ k → q: delivered to near (test) +50 ms, accepted +50 ms""");
  }

  @Test
  void whatGoesWithTheExchangeThatItWaitsInIsDropped() {
    run.declare(near, exchange("later", "late", true));
    Trace trace = run.broker.trace(ALL);
    Message waits = Message.builder("m").header("late", 50L).build();
    near.act(
        a ->
            a.publish(
                near.message("later", "k", waits.properties(), "m")
                    .arriving(run.loops.first.wallTimeMs())));
    near.ask((Attachment p, Completion<Done> done) -> p.deleteExchange("later", false, done));
    assertThat(tree(trace)).contains("later: delayed +0 ms").contains("dropped, queue-deleted");
  }

  @Test
  void aTransactionIsSeenWhenItIsCommitted() {
    run.declare(near, durable("q"));
    Trace trace = run.broker.trace(ALL);
    Transaction open = near.openTransaction(message -> {});
    near.act(p -> open.publish(near.message("", "q", RestartableBroker.PERSISTENT, "in"), false));
    assertThat(trace.messages()).isEmpty();
    near.ask((Attachment p, Completion<Done> done) -> open.commit(done));
    assertThat(stages(trace)).endsWith(Stage.QUEUED);
  }

  // ---- what becomes of it in a queue

  @Test
  void eachWayToSettleIsShown() {
    declare(near, "q", QueueOptions.none());
    Trace trace = run.broker.trace(ALL);
    run.publish(near, "", "q", "m");
    settleOne("q", Settlement.REQUEUE);
    settleOne("q", Settlement.REJECT);
    assertThat(tree(trace))
        .endsWith(
            "→ q: delivered to near (test) +0 ms, requeued +0 ms,"
                + " delivered again to near (test) +0 ms, rejected +0 ms");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatAQueueDropsIsShownWithItsReason(boolean onThisLoop) {
    TestClient owner = onThisLoop ? near : far;
    declare(owner, "short", QueueOptions.none().maxLength(1));
    declare(owner, "full", QueueOptions.none().maxLength(1).overflow(Overflow.REJECT_PUBLISH));
    declare(owner, "old", QueueOptions.none().messageTtl(Duration.ofMillis(10)));
    declare(owner, "often", QueueOptions.none().deliveryLimit(1));
    declare(owner, "swept", QueueOptions.none());
    declare(owner, "gone", QueueOptions.none());
    Trace trace = run.broker.trace(ALL);
    run.publish(near, "", "short", "1", "2");
    run.publish(near, "", "full", "1", "2");
    near.act(
        p ->
            p.publishConfirmed(
                near.message("", "old", RestartableBroker.PERSISTENT, "m")
                    .arriving(run.loops.first.wallTimeMs())));
    run.loops.advance(10);
    run.publish(near, "", "often", "m");
    settleOne("often", Settlement.REQUEUE);
    settleOne("often", Settlement.REQUEUE);
    run.publish(near, "", "swept", "m");
    near.ask((Attachment p, Completion<Long> done) -> p.purgeQueue("swept", done));
    run.publish(near, "", "gone", "m");
    near.ask((Attachment p, Completion<Long> done) -> p.deleteQueue("gone", false, false, done));

    assertThat(trace.messages().stream().flatMap(path -> path.events().stream()))
        .filteredOn(e -> e.stage() == Stage.DROPPED)
        .extracting(e -> e.queue() + " " + e.detail())
        .containsExactlyInAnyOrder(
            "short max-length",
            "full queue-full",
            "old expired",
            "often delivery-limit",
            "swept purged",
            "gone queue-deleted");
  }

  private void session(String client, Kind kind) {
    Admission admission = (message, attachments, count) -> new Verdict(kind, null);
    String queue = "mqtt.session." + client;
    TestClient owner = run.client(client);
    run.declare(
        owner,
        new QueueDeclaration(
            queue, false, false, false, Map.of(), SessionQueue.of(client, admission)));
    owner.bind(Binding.of("amq.topic", queue, "#"));
  }

  @Test
  void aSessionThatIsAwayFullOrHasNoUseForItIsShown() {
    start(Limits.defaults().with(Limit.SESSION_QUEUE_MESSAGES, 1));
    session("away", Kind.TRANSIENT);
    session("full", Kind.ENQUEUE);
    session("self", Kind.DROP);
    Trace trace = run.broker.trace(ALL);
    run.publish(near, "amq.topic", "t", "1", "2");

    assertThat(trace.messages().get(0).tree())
        .contains("→ mqtt.session.away: dropped, offline +0 ms")
        .contains("→ mqtt.session.full: dropped, session-full +0 ms")
        .contains("→ mqtt.session.self: not admitted");
    assertThat(trace.messages().get(1).tree()).contains("→ mqtt.session.full: queued");
  }

  @Test
  void aStoreThatTakesNothingIsShown() {
    run.declare(near, durable("q"));
    Trace trace = run.broker.trace(ALL);
    run.disk.state(State.FULL);
    run.publish(near, "", "q", "m");
    assertThat(tree(trace)).contains("refused, store");
  }

  @Test
  void theLastValueOfATopicIsShown() {
    Trace trace = run.broker.trace(ALL);
    for (String text : List.of("21", "")) {
      near.act(
          p ->
              p.publishConfirmed(near.message("amq.topic", "t", RestartableBroker.RETAINED, text)));
    }
    assertThat(trace.messages().get(0).tree()).contains("last value kept");
    assertThat(trace.messages().get(1).tree()).contains("last value cleared");
  }

  @Test
  void aDeadLetterThatGoesWithItsQueueBeforeItsTargetTakesItIsShown() {
    declare(far, "dead", QueueOptions.none().maxLength(0).overflow(Overflow.REJECT_PUBLISH));
    declare(
        near,
        "q",
        QueueOptions.none()
            .deadLetterTo("", "dead")
            .deadLetterAtLeastOnce()
            .overflow(Overflow.REJECT_PUBLISH));
    Trace trace = run.broker.trace(ALL);
    run.publish(near, "", "q", "m");
    settleOne("q", Settlement.REJECT);
    near.ask((Attachment p, Completion<Long> done) -> p.deleteQueue("q", false, false, done));
    run.loops.advance(1_000);
    assertThat(tree(trace)).endsWith("rejected +0 ms, dropped, queue-deleted +1000 ms");
  }

  @Test
  void aStreamShowsEachReaderAndWhatItSaysAndAnAcceptedMessageStays() {
    run.declare(
        near,
        new QueueDeclaration("stream", true, false, false, Map.of("x-queue-type", "stream"), null));
    var reader = far.consume(new ConsumeRequest("stream", false, Mode.SHARED, 10, 0));
    Trace trace = run.broker.trace(ALL);
    run.publish(near, "", "stream", "m");
    reader.settle(0, Settlement.ACCEPT);
    assertThat(tree(trace)).endsWith("→ stream: delivered to far (test) +0 ms, accepted +0 ms");
  }

  @Test
  void aDeadLetterThatIsKeptUntilItsTargetTakesItIsShownWhenItDoes() {
    declare(far, "dead", QueueOptions.none().maxLength(1).overflow(Overflow.REJECT_PUBLISH));
    declare(
        near,
        "q",
        QueueOptions.none()
            .deadLetterTo("", "dead")
            .deadLetterAtLeastOnce()
            .overflow(Overflow.REJECT_PUBLISH));
    run.publish(near, "", "dead", "in the way");
    Trace trace = run.broker.trace(ALL);
    run.publish(near, "", "q", "m");
    settleOne("q", Settlement.REJECT);
    assertThat(stages(trace)).endsWith(Stage.REJECTED).doesNotContain(Stage.DEAD_LETTERED);

    settleOne("dead", Settlement.ACCEPT);
    run.loops.advance(1_000);
    run.loops.advance(1_000);
    assertThat(tree(trace))
        .contains("rejected +0 ms\n")
        .contains("└─ dead-lettered, rejected")
        .endsWith("→ dead: queued");
  }

  // ---- which

  @Test
  void aFilterChoosesByAddressExchangeClientProtocolAndHost() {
    run.declare(near, durable("q"));
    Map<String, TraceFilter> filters =
        Map.of(
            "topic", ALL.topic("a/+"),
            "key", ALL.routingKey("a.#"),
            "exchange", ALL.exchange("amq.direct"),
            "client", ALL.publisher("far"),
            "protocol", ALL.protocol("TE"),
            "other protocol", ALL.protocol("mqtt"),
            "host", ALL.virtualHost("/"),
            "other host", ALL.virtualHost("elsewhere"));
    Map<String, Trace> traces = new TreeMap<>();
    filters.forEach((name, filter) -> traces.put(name, run.broker.trace(filter)));
    run.publish(near, "amq.topic", "a.b", "1");
    run.publish(near, "amq.topic", "a.b.c", "2");
    run.publish(far, "amq.direct", "k", "3");

    Map<String, Long> seen = new TreeMap<>();
    traces.forEach((name, trace) -> seen.put(name, trace.followed()));
    assertThat(seen)
        .containsOnly(
            Map.entry("topic", 1L),
            Map.entry("key", 2L),
            Map.entry("exchange", 1L),
            Map.entry("client", 1L),
            Map.entry("protocol", 3L),
            Map.entry("other protocol", 0L),
            Map.entry("host", 3L),
            Map.entry("other host", 0L));
  }

  @Test
  void aFilterByQueueShowsTheWholeWayOfWhatComesThereAlsoAsADeadLetter() {
    declare(near, "dead", QueueOptions.none());
    declare(far, "q", QueueOptions.none().deadLetterTo("", "dead"));
    Trace trace = run.broker.trace(ALL.queue("dead"));
    run.publish(near, "", "q", "1", "2");
    assertThat(trace.messages()).isEmpty();
    settleOne("q", Settlement.REJECT);
    settleOne("q", Settlement.ACCEPT);

    assertThat(tree(trace))
        .startsWith("q from near (test)")
        .contains("→ q: delivered to near (test) +0 ms, rejected +0 ms")
        .endsWith("→ dead: queued");
  }

  @Test
  void oneInSoManyIsFollowedAndOldOnesMakeRoomForNewOnes() {
    run.declare(near, durable("q"));
    Trace some = run.broker.trace(ALL.oneIn(3).keeping(2));
    Trace ofQueue = run.broker.trace(ALL.queue("q").oneIn(5));
    for (int i = 0; i < 10; i++) {
      run.publish(near, "", "q", "m" + i);
    }
    assertThat(some.followed()).isEqualTo(4);
    assertThat(some.forgotten()).isEqualTo(2);
    assertThat(some.messages()).extracting(MessagePath::number).containsExactly(3L, 4L);
    assertThat(ofQueue.followed()).isEqualTo(2);
  }

  @Test
  void aMessageHasNoMoreEventsThanThereIsRoomFor() {
    start(Limits.defaults().with(Limit.TRACE_EVENTS, 5));
    declare(near, "q", QueueOptions.none());
    Trace trace = run.broker.trace(ALL);
    run.publish(near, "", "q", "m");
    settleOne("q", Settlement.REQUEUE);
    MessagePath path = trace.messages().get(0);
    assertThat(path.events()).hasSize(5);
    assertThat(path.leftOut()).isEqualTo(1);
    assertThat(path.tree()).endsWith("└─ … and 1 more events");
  }

  // ---- how long

  @Test
  void aTraceThatIsClosedHearsNothingMoreAndKeepsWhatItHad() {
    declare(near, "q", QueueOptions.none());
    Trace trace = run.broker.trace(ALL);
    Trace other = run.broker.trace(ALL);
    run.publish(near, "", "q", "1");
    trace.close();
    run.publish(near, "", "q", "2");
    settleOne("q", Settlement.ACCEPT);
    trace.close();

    assertThat(stages(trace)).endsWith(Stage.QUEUED).doesNotContain(Stage.DELIVERED);
    assertThat(trace.followed()).isEqualTo(1);
    assertThat(other.followed()).isEqualTo(2);
    assertThat(other.messages().get(0).tree()).contains("accepted");
  }

  @Test
  void nobodyMarksMessagesWithoutATrace() {
    declare(near, "q", QueueOptions.none());
    run.broker.trace(ALL).close();
    run.publish(near, "", "q", "1");
    Message got = run.get(near, "q").orElseThrow().message();
    assertThat(got.isFollowed()).isFalse();
    assertThat(got.properties()).isSameAs(got.origin());
  }

  @Test
  void thereAreNoMoreTracesThanTheLimitAndOneThatIsClosedMakesRoom() {
    start(Limits.defaults().with(Limit.TRACES, 2));
    Trace first = run.broker.trace(ALL);
    run.broker.trace(ALL);
    assertThatThrownBy(() -> run.broker.trace(ALL))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("2 traces");
    first.close();
    run.broker.trace(ALL).close();
  }

  @Test
  void afterARestartWhatWasFollowedIsThereAndFollowedByNobody() {
    run.declare(near, durable("q"));
    Trace before = run.broker.trace(ALL);
    run.publish(near, "", "q", "m");
    run.restart();
    near = run.client("near");
    Trace after = run.broker.trace(ALL);
    Optional<Attachment.Fetched> got = run.get(near, "q");
    assertThat(got.orElseThrow().message().text()).isEqualTo("m");
    assertThat(got.orElseThrow().message().isFollowed()).isFalse();
    assertThat(after.messages()).isEmpty();
    assertThat(stages(before)).endsWith(Stage.QUEUED);
    assertThatThrownBy(() -> restartedAndClosed().trace(ALL))
        .isInstanceOf(IllegalStateException.class);
  }

  private io.carrick.Broker restartedAndClosed() {
    run.broker.close();
    return run.broker;
  }
}
