package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.AccessRefusedException;
import io.carrick.Binding;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Mapping;
import io.carrick.MessageProperties;
import io.carrick.RoutingKey;
import io.carrick.engine.TestClient.Consuming;
import io.carrick.engine.access.ReplyKey;
import io.carrick.engine.client.BrokerAdapterContext;
import io.carrick.engine.client.Core;
import io.carrick.engine.definitions.Definitions;
import io.carrick.engine.definitions.Records;
import io.carrick.engine.extension.Policies;
import io.carrick.engine.loop.ManualLoops;
import io.carrick.engine.loop.Workers;
import io.carrick.engine.matching.DirectType;
import io.carrick.engine.matching.FanoutType;
import io.carrick.engine.matching.HeadersType;
import io.carrick.engine.matching.TopicType;
import io.carrick.engine.topology.Mappings;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.engine.topology.VirtualHosts;
import io.carrick.spi.AdapterContext;
import io.carrick.spi.Admission;
import io.carrick.spi.Admission.Verdict;
import io.carrick.spi.Attachment;
import io.carrick.spi.Authorizer;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.Done;
import io.carrick.spi.ExchangeType;
import io.carrick.spi.LastValueCursor;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import io.carrick.spi.SessionTable;
import io.carrick.spi.Settlement;
import io.carrick.storage.MessageStore;
import io.carrick.storage.StoreContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The port, with clients on two loops that the test runs turn by turn. */
class AttachmentTest {

  private static final MessageProperties RETAINED =
      new MessageProperties() {
        @Override
        public boolean retain() {
          return true;
        }
      };

  private final ManualLoops loops = new ManualLoops();
  private final Workers workers = new Workers("test");
  private Core core;
  private AdapterContext adapters;

  @BeforeEach
  void start() throws IOException {
    start(Limits.defaults());
  }

  private void start(Limits limits) throws IOException {
    start(limits, Optional.empty());
  }

  private void start(Limits limits, Optional<Authorizer> authorizer) throws IOException {
    var policies = new Policies(authorizer, List.of(), List.of());
    var records = new Records(Map.of());
    var definitions =
        new Definitions(MessageStore.inMemory().open(new StoreContext(records, limits)), records);
    core = Core.over(loops, definitions, limits, policies, Map.of());
    Map<String, ExchangeType> types =
        Stream.of(new DirectType(), new FanoutType(), new TopicType(limits), new HeadersType())
            .collect(Collectors.toMap(ExchangeType::name, t -> t));
    var hosts =
        new VirtualHosts(
            definitions,
            limits,
            new Mappings(Mapping.lossless(), Map.of()),
            name -> new VirtualHost(name, limits, types, 2, definitions));
    hosts.restore("/");
    adapters =
        new BrokerAdapterContext(
            core, hosts, workers, Optional.empty(), List.of(), ReplyKey.random());
  }

  @AfterEach
  void close() {
    workers.close(1_000);
  }

  private TestClient onFirst(String name) {
    return new TestClient(adapters, loops, loops.first, name);
  }

  private TestClient onSecond(String name) {
    return new TestClient(adapters, loops, loops.second, name);
  }

  private long dropped(String reason) {
    return core.counters()
        .snapshot(core.contexts(), core.memory(), core.policies())
        .dropped(reason);
  }

  private static ConsumeRequest shared(String queue, int prefetch) {
    return new ConsumeRequest(queue, false, Mode.SHARED, prefetch, 0);
  }

  private static ConsumeRequest lease(String queue) {
    return new ConsumeRequest(queue, false, Mode.LEASE, 0, 0);
  }

  private static QueueDeclaration session(String client, Admission admission) {
    return new QueueDeclaration(
        "mqtt.session." + client,
        false,
        false,
        false,
        Map.of(),
        SessionQueue.of(client, admission));
  }

  private static Admission always(Admission.Kind kind, String tag) {
    var verdict = new Verdict(kind, tag);
    return (message, attachments, count) -> verdict;
  }

  // ---- permission

  @Test
  void anAuthorizerDecidesWhatAClientMayDeclare() throws IOException {
    start(Limits.defaults(), Optional.of((who, action, what) -> !what.name().equals("secret")));
    TestClient p = onFirst("p");

    p.declare("open");

    assertThatThrownBy(() -> p.declare("secret")).hasMessageContaining("refused for user");
  }

  // ---- confirms

  @Test
  void confirmsOfOneTurnComeAsOneRange() {
    TestClient p = onFirst("p");
    p.declare("q");

    p.act(
        port -> {
          for (int i = 0; i < 3; i++) {
            port.publishConfirmed(p.message("", "q", MessageProperties.NONE, "m"));
          }
          assertThat(p.told).isEmpty();
        });

    assertThat(p.told).containsExactly("accepted 1-3");
  }

  @Test
  void aConfirmWaitsForQueuesOfOtherLoopsAndKeepsTheOrder() {
    TestClient here = onFirst("here");
    TestClient there = onSecond("there");
    here.declare("near");
    there.declare("far");

    loops.first.turn(
        () -> {
          here.port.publishConfirmed(here.message("", "far", MessageProperties.NONE, "1"));
          here.port.publishConfirmed(here.message("", "near", MessageProperties.NONE, "2"));
        });
    assertThat(here.told).isEmpty();
    loops.run();

    assertThat(here.told).containsExactly("accepted 1-2");
  }

  @Test
  void anUnroutableMessageIsConfirmedAndSaidToBeUnrouted() {
    TestClient p = onFirst("p");
    p.act(
        port ->
            assertThat(
                    port.publishConfirmed(
                        p.message("amq.direct", "none", MessageProperties.NONE, "m")))
                .isFalse());

    assertThat(p.told).containsExactly("accepted 1-1");
  }

  // ---- reading one's own writes

  @Test
  void aClientReadsItsOwnWritesToAQueueOfAnotherLoop() {
    TestClient owner = onSecond("owner");
    TestClient p = onFirst("p");
    owner.declare("q");
    var answer = new TestClient.Answer<Long>();

    p.act(
        port -> {
          port.publish(p.message("", "q", MessageProperties.NONE, "1"));
          port.publish(p.message("", "q", MessageProperties.NONE, "2"));
          port.purgeQueue("q", answer);
        });

    assertThat(answer.get()).isEqualTo(2);
  }

  // ---- consuming across loops

  @Test
  void aConsumerOnAnotherLoopGetsAndSettlesInOrder() {
    TestClient owner = onFirst("owner");
    owner.declare("q");
    TestClient far = onSecond("far");
    Consuming c = far.consume(shared("q", 2));
    for (int i = 1; i <= 4; i++) {
      owner.publish("", "q", "m" + i);
    }
    assertThat(c.got).containsExactly("m1", "m2");

    c.settle(0, Settlement.ACCEPT);
    assertThat(c.got).containsExactly("m1", "m2", "m3");
    c.settle(1, Settlement.REQUEUE);
    assertThat(c.got).containsExactly("m1", "m2", "m3", "m2*");
    assertThat(c.ids.get(3)).as("the same id when delivered again").isEqualTo(c.ids.get(1));
  }

  @Test
  void aCancelledConsumerMaySettleAndLosesTheRestOnlyWhenItCloses() {
    TestClient p = onFirst("p");
    p.declare("q");
    Consuming c = p.consume(shared("q", 0));
    p.publish("", "q", "1");
    p.publish("", "q", "2");
    p.ask((Attachment port, Completion<Done> done) -> c.consumption.cancel(done));
    p.publish("", "q", "3");

    c.settle(0, Settlement.ACCEPT);
    assertThat(p.declare("q").ready()).isEqualTo(1);
    assertThat(p.declare("q").unsettled()).isEqualTo(1);
    TestClient other = onSecond("other");
    p.act(Attachment::close);

    assertThat(other.declare("q").ready()).isEqualTo(2);
    assertThat(other.consume(shared("q", 0)).got).containsExactly("2*", "3");
  }

  @Test
  void aConsumerOfHigherPriorityIsServedFirst() {
    TestClient p = onFirst("p");
    p.declare("q");
    Consuming low = p.consume(new ConsumeRequest("q", false, Mode.SHARED, 5, 0));
    Consuming high = p.consume(new ConsumeRequest("q", false, Mode.SHARED, 1, 9));

    p.publish("", "q", "1");
    p.publish("", "q", "2");

    assertThat(high.got).containsExactly("1");
    assertThat(low.got).containsExactly("2");
  }

  // ---- leases

  @Test
  void aLeaseIsTakenOverAfterTheOldHoldersMessagesAreBack() {
    TestClient old = onFirst("old");
    old.declare("q");
    Consuming before = old.consume(lease("q"));
    old.publish("", "q", "1");
    old.publish("", "q", "2");
    loops.first.execute(() -> before.consumption.settle(before.ids.get(0), Settlement.ACCEPT));
    TestClient young = onSecond("young");

    Consuming after = young.consume(lease("q"));

    assertThat(before.got).containsExactly("1", "2", "TAKEN_OVER");
    assertThat(after.got).containsExactly("2*");
    before.settle(1, Settlement.ACCEPT);
    assertThat(young.declare("q").unsettled()).isEqualTo(1);
  }

  @Test
  void takeOversComeOneAfterTheOther() {
    TestClient owner = onFirst("owner");
    owner.declare("q");
    var clients = new ArrayList<Consuming>();
    for (TestClient p : List.of(onSecond("a"), onFirst("b"), onSecond("c"))) {
      clients.add(p.consume(lease("q")));
    }
    owner.publish("", "q", "m");

    assertThat(clients.get(0).got).containsExactly("TAKEN_OVER");
    assertThat(clients.get(1).got).containsExactly("TAKEN_OVER");
    assertThat(clients.get(2).got).containsExactly("m");
  }

  // ---- sessions

  @Test
  void allMatchedBindingsOfASessionAreMergedToOneVerdict() {
    TestClient p = onFirst("c");
    Admission joined =
        (message, attachments, count) -> {
          var names = new ArrayList<String>();
          for (int i = 0; i < count; i++) {
            names.add(String.valueOf(attachments[i]));
          }
          names.sort(null);
          return new Verdict(Admission.Kind.ENQUEUE, String.join("+", names));
        };
    p.ask(
        (Attachment port, Completion<io.carrick.QueueInfo> done) ->
            port.declareQueue(session("c", joined), done));
    for (String filter : List.of("a/#", "a/+", "b")) {
      p.bind(
          new Binding(
              "amq.topic",
              Binding.Target.QUEUE,
              "mqtt.session.c",
              RoutingKey.ofTopic(filter),
              Map.of(),
              filter));
    }
    Consuming c = p.consume(lease("mqtt.session.c"));

    onSecond("publisher").publish("amq.topic", "a.x", "m");

    assertThat(c.got).containsExactly("m/a/#+a/+");
  }

  @Test
  void aSessionsQueueIsOnlyForItsClient() {
    TestClient p = onFirst("c");
    p.ask(
        (Attachment port, Completion<io.carrick.QueueInfo> done) ->
            port.declareQueue(session("c", always(Admission.Kind.ENQUEUE, "t")), done));
    TestClient other = onSecond("other");

    assertThatThrownBy(() -> other.consume(shared("mqtt.session.c", 0)))
        .isInstanceOf(AccessRefusedException.class);
    assertThatThrownBy(() -> other.declare("mqtt.session.c"))
        .isInstanceOf(AccessRefusedException.class);
  }

  @Test
  void transientMessagesAreNotKeptForASessionThatIsNotConnected() {
    TestClient p = sessionOn("c", Admission.Kind.TRANSIENT);
    p.publish("amq.topic", "k", "lost");
    Consuming c = p.consume(lease("mqtt.session.c"));
    p.publish("amq.topic", "k", "seen");

    assertThat(c.got).containsExactly("seen/t");
    assertThat(c.ids).containsExactly(0L);
    assertThat(dropped("offline")).isEqualTo(1);
  }

  private TestClient sessionOn(String client, Admission.Kind kind) {
    TestClient p = onFirst(client);
    p.ask(
        (Attachment port, Completion<io.carrick.QueueInfo> done) ->
            port.declareQueue(session(client, always(kind, "t")), done));
    p.bind(
        new Binding(
            "amq.topic",
            Binding.Target.QUEUE,
            "mqtt.session." + client,
            RoutingKey.ofTopic("#"),
            Map.of(),
            null));
    return p;
  }

  @Test
  void aFullSessionDropsItsOldest() throws IOException {
    start(Limits.defaults().with(Limit.SESSION_QUEUE_MESSAGES, 2));
    TestClient p = sessionOn("c", Admission.Kind.ENQUEUE);
    for (int i = 1; i <= 4; i++) {
      p.publish("amq.topic", "k", "m" + i);
    }

    assertThat(p.consume(lease("mqtt.session.c")).got).containsExactly("m3/t", "m4/t");
    assertThat(dropped("session-full")).isEqualTo(2);
  }

  @Test
  void publishersPauseForASlowSubscriberAndThenItsMessagesAreDropped() {
    TestClient p = sessionOn("c", Admission.Kind.TRANSIENT);
    Consuming c = p.consume(lease("mqtt.session.c"));
    TestClient publisher = onSecond("publisher");
    p.act(port -> c.consumption.writable(false));

    publisher.publish("amq.topic", "k", "1");
    assertThat(publisher.told).containsExactlyInAnyOrder("accepted 1-1", "pause SLOW_CONSUMER");
    loops.advance(Limit.SLOW_CONSUMER_PAUSE_MS.byDefault());
    assertThat(publisher.told).endsWith("resume SLOW_CONSUMER");
    loops.advance(1);
    publisher.publish("amq.topic", "k", "2");
    assertThat(dropped("slow-consumer")).isEqualTo(1);

    p.act(port -> c.consumption.writable(true));
    publisher.publish("amq.topic", "k", "3");
    assertThat(c.got).containsExactly("1/t", "3/t");
  }

  @Test
  void aSubscriberThatDrainsLetsItsPublishersGoOnAtOnce() {
    TestClient p = sessionOn("c", Admission.Kind.TRANSIENT);
    Consuming c = p.consume(lease("mqtt.session.c"));
    TestClient publisher = onFirst("publisher");
    p.act(port -> c.consumption.writable(false));
    publisher.publish("amq.topic", "k", "1");

    p.act(port -> c.consumption.writable(true));

    assertThat(publisher.told).contains("pause SLOW_CONSUMER", "resume SLOW_CONSUMER");
  }

  @Test
  void aPublisherPausesWhileTooMuchIsOnItsWayToAnotherLoop() throws IOException {
    start(Limits.defaults().with(Limit.PUBLISHER_CREDIT_BYTES, 1_000));
    onSecond("owner").declare("q");
    TestClient publisher = onFirst("publisher");

    loops.first.turn(
        () -> {
          for (int i = 0; i < 10; i++) {
            publisher.port.publish(
                publisher.message("", "q", MessageProperties.NONE, "x".repeat(100)));
          }
        });
    assertThat(publisher.told).containsExactly("pause CREDIT");
    loops.run();

    assertThat(publisher.told).containsExactly("pause CREDIT", "resume CREDIT");
  }

  @Test
  void aSessionsTableOutlivesItsClientUntilItIsCleared() {
    TestClient one = onFirst("c");
    one.act(
        port -> {
          SessionTable table = port.sessionTable("c");
          table.put(7, new byte[] {1});
          table.put(8, new byte[] {2});
          table.remove(7);
        });
    one.act(Attachment::close);
    var keys = new ArrayList<Integer>();

    TestClient two = onSecond("c");
    two.act(port -> port.sessionTable("c").forEach((key, record) -> keys.add(key)));
    two.act(port -> port.sessionTable("c").clear());
    two.act(port -> port.sessionTable("c").forEach((key, record) -> keys.add(key)));

    assertThat(keys).containsExactly(8);
  }

  // ---- last values and schedules

  @Test
  void theLastValueOfEachTopicIsFoundByFilterAndClearedByAnEmptyOne() {
    TestClient p = onFirst("p");
    p.act(port -> port.publish(p.message("amq.topic", "a.1", RETAINED, "old")));
    p.act(port -> port.publish(p.message("amq.topic", "a.1", RETAINED, "new")));
    p.act(port -> port.publish(p.message("amq.topic", "a.2", RETAINED, "gone")));
    p.act(port -> port.publish(p.message("amq.topic", "a.2", RETAINED, "")));
    p.act(port -> port.publish(p.message("amq.topic", "b", RETAINED, "other")));

    LastValueCursor cursor = p.port.lastValues(RoutingKey.ofTopic("a/+"));

    assertThat(cursor.next().orElseThrow().text()).isEqualTo("new");
    assertThat(cursor.next()).isEmpty();
  }

  @Test
  void aScheduledPublishComesAtItsTimeUnlessCancelledOrReplaced() {
    TestClient p = onFirst("p");
    p.declare("q");
    Consuming c = p.consume(shared("q", 0));
    schedule(p, "will", "first", 1_000);
    schedule(p, "will", "second", 2_000);
    schedule(p, "other", "never", 2_000);
    assertThat(p.<Boolean>ask((port, done) -> port.cancelScheduled("other", done))).isTrue();

    loops.advance(1_999);
    assertThat(c.got).isEmpty();
    loops.advance(1);
    assertThat(c.got).containsExactly("second");
    assertThat(p.<Boolean>ask((port, done) -> port.cancelScheduled("will", done))).isFalse();
  }

  private static void schedule(TestClient p, String name, String text, long delayMs) {
    p.ask(
        (Attachment port, Completion<Done> done) ->
            port.schedulePublish(
                name, p.message("", "q", MessageProperties.NONE, text), delayMs, done));
  }

  // ---- the end

  @Test
  void channelsShareWhatIsExclusiveAndTheLastOneLetsItGo() {
    TestClient p = onFirst("p");
    Attachment channel = p.port.open(p);
    p.act(
        port ->
            channel.declareQueue(
                new QueueDeclaration("mine", false, true, false, Map.of(), null),
                new TestClient.Answer<>()));
    TestClient other = onSecond("other");

    p.act(port -> channel.close());
    assertThat(p.declareExclusive("mine").name()).isEqualTo("mine");
    p.act(Attachment::close);

    assertThat(other.declare("mine").ready()).isZero();
    assertThat(core.clients().all()).hasSize(1);
  }

  @Test
  void nothingIsToldToAClientThatHasClosed() {
    onSecond("owner").declare("q");
    TestClient p = onFirst("p");

    loops.first.turn(
        () -> {
          p.port.publishConfirmed(p.message("", "q", MessageProperties.NONE, "m"));
          p.port.close();
        });
    loops.run();

    assertThat(p.told).isEmpty();
  }
}
