package io.carrick.engine;

import static io.carrick.engine.RestartableBroker.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Alarm;
import io.carrick.Binding;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.MessageProperties;
import io.carrick.QueueInfo;
import io.carrick.RoutingKey;
import io.carrick.engine.definitions.Records;
import io.carrick.engine.routing.DirectType;
import io.carrick.engine.routing.FanoutType;
import io.carrick.engine.routing.HeadersType;
import io.carrick.engine.routing.TopicType;
import io.carrick.spi.Attachment;
import io.carrick.spi.Attachment.Fetched;
import io.carrick.spi.BrokerListener;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.Done;
import io.carrick.spi.ExchangeType;
import io.carrick.spi.HeldBytes.Kind;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import io.carrick.storage.Disk;
import io.carrick.storage.MessageStore;
import io.carrick.storage.StoreContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What the broker knows of what it holds, and what follows, on two loops of the test's own. */
class MemoryTest {

  private static final long WATERMARK = 20_000;

  private final ManualLoops loops = new ManualLoops();
  private final List<String> events = new ArrayList<>();
  private Core core;
  private LoginDesk desk;

  private void start(Limits limits) {
    start(limits, MessageStore.inMemory());
  }

  private void start(Limits limits, MessageStore.Factory factory) {
    var listener =
        new BrokerListener() {
          @Override
          public void onAlarm(Alarm alarm) {
            events.add("alarm " + alarm);
          }

          @Override
          public void onAlarmOver(Alarm alarm) {
            events.add("over " + alarm);
          }
        };
    var policies = new Policies(Optional.empty(), List.of(), List.of(listener));
    var records = new Records(Map.of());
    try {
      var store = factory.open(new StoreContext(records, limits));
      var definitions = new Definitions(store, records);
      Map<String, ExchangeType> types =
          Stream.of(new DirectType(), new FanoutType(), new TopicType(limits), new HeadersType())
              .collect(Collectors.toMap(ExchangeType::name, t -> t));
      var host = new VirtualHost("/", limits, types, 2, definitions);
      core =
          Core.over(
              loops,
              definitions,
              limits,
              policies,
              Map.of(
                  Kind.LAST_VALUES,
                  () -> host.lastValues().bytes(),
                  Kind.TOPOLOGY,
                  host::topologyBytes,
                  Kind.STORE,
                  store::waitingBytes));
      desk = new LoginDesk(core, List.of(host), new Workers("test"), Optional.empty());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Limits watermark() {
    return Limits.defaults().with(Limit.MEMORY_BYTES, WATERMARK);
  }

  private long held(Kind kind) {
    return core.memory().held(kind);
  }

  private long heldInAll() {
    return Stream.of(Kind.values()).mapToLong(this::held).sum();
  }

  private TestParty first(String name) {
    return new TestParty(desk, loops, loops.first, name);
  }

  private TestParty second(String name) {
    return new TestParty(desk, loops, loops.second, name);
  }

  private static void bind(TestParty party, String exchange, String queue) {
    party.bind(
        new Binding(exchange, Binding.Target.QUEUE, queue, RoutingKey.ofKey("k"), Map.of(), null));
  }

  private static ConsumeRequest shared(String queue, int prefetch) {
    return new ConsumeRequest(queue, false, Mode.SHARED, prefetch, 0);
  }

  private static void purge(TestParty party, String queue) {
    party.ask((Attachment p, Completion<Long> done) -> p.purgeQueue(queue, done));
  }

  private static void delete(TestParty party, String queue) {
    party.ask((Attachment p, Completion<Long> done) -> p.deleteQueue(queue, false, false, done));
  }

  private static void fill(TestParty publisher, TestParty told) {
    for (int i = 0; i < 100 && !told.told.contains("pause MEMORY"); i++) {
      publisher.publish("", "q", "x".repeat(1_000));
    }
  }

  @Test
  void aPublisherPausesAboveTheWatermarkAndGoesOnBelowThreeQuartersOfIt() {
    start(watermark());
    TestParty publisher = first("publisher");
    TestParty consumer = second("consumer");
    consumer.declare("q");
    fill(publisher, publisher);
    assertThat(publisher.told).contains("pause MEMORY");
    assertThat(events).containsExactly("alarm MEMORY");
    assertThat(heldInAll()).isBetween(WATERMARK, WATERMARK + 3_000);

    var consuming = consumer.consume(shared("q", 3));
    while (!publisher.told.contains("resume MEMORY")) {
      assertThat(consuming.ids).as("a consumer goes on").isNotEmpty();
      assertThat(heldInAll()).isGreaterThan(WATERMARK / 4 * 3);
      long id = consuming.ids.get(0);
      consuming.ids.remove(0);
      consumer.act(p -> consuming.consumption.settle(id, Settlement.ACCEPT));
    }
    assertThat(events).containsExactly("alarm MEMORY", "over MEMORY");
    assertThat(
            core.counters()
                .snapshot(core.contexts(), core.memory())
                .value("alarms.raised{alarm=memory}"))
        .isEqualTo(1);
  }

  @Test
  void aPublisherThatComesDuringTheAlarmPausesAfterItsFirstPublish() {
    start(watermark());
    TestParty publisher = first("publisher");
    publisher.declare("q");
    fill(publisher, publisher);

    TestParty late = second("late");
    TestParty silent = second("silent");
    late.publish("", "q", "one more");

    assertThat(late.told).contains("pause MEMORY", "accepted 1-1");
    assertThat(silent.told).isEmpty();
  }

  @Test
  void whoHasLeftIsNotToldThatTheAlarmIsOver() {
    start(watermark());
    TestParty publisher = first("publisher");
    TestParty other = second("other");
    other.declare("q");
    fill(publisher, publisher);
    publisher.act(p -> p.close());

    purge(other, "q");

    assertThat(events).containsExactly("alarm MEMORY", "over MEMORY");
    assertThat(publisher.told).doesNotContain("resume MEMORY");
  }

  @Test
  void aPayloadThatManyQueuesHaveCountsOnce() {
    start(Limits.defaults());
    TestParty party = first("party");
    TestParty far = second("far");
    int queues = 20;
    for (int i = 0; i < queues; i++) {
      TestParty owner = i % 2 == 0 ? party : far;
      owner.declare("q" + i);
      bind(owner, "amq.fanout", "q" + i);
    }

    party.publish("amq.fanout", "k", "x".repeat(10_000));
    assertThat(held(Kind.MESSAGES)).isBetween(10_000L, 10_500L);
    long entries = held(Kind.QUEUES);
    assertThat(entries).isBetween(queues * 40L, queues * 100L);

    for (int i = 0; i < queues - 1; i++) {
      String queue = "q" + i;
      purge(party, queue);
    }
    assertThat(held(Kind.MESSAGES)).as("the last queue keeps it").isBetween(10_000L, 10_500L);
    delete(party, "q" + (queues - 1));
    assertThat(held(Kind.MESSAGES)).isZero();
    assertThat(held(Kind.QUEUES)).isZero();
  }

  @Test
  void withADurableStoreMessagesLeaveMemoryBeforeAnybodyHasToWait() {
    start(watermark(), new Disk());
    TestParty publisher = first("publisher");
    TestParty consumer = second("consumer");
    var durable = new QueueDeclaration("q", true, false, false, Map.of(), null);
    consumer.ask((Attachment p, Completion<QueueInfo> done) -> p.declareQueue(durable, done));
    int messages = 200;
    for (int i = 0; i < messages; i++) {
      String text = i + " " + "x".repeat(1_000);
      publisher.act(p -> p.publishConfirmed(publisher.message("", "q", PERSISTENT, text)));
    }
    assertThat(events).isEmpty();
    assertThat(held(Kind.MESSAGES) + held(Kind.QUEUES)).isBetween(1_000L, WATERMARK / 2 + 2_000);

    var consuming = consumer.consume(shared("q", 10));
    for (int i = 0; i < messages; i++) {
      consuming.settle(i, Settlement.ACCEPT);
      assertThat(consuming.got.get(i)).startsWith(i + " ");
    }
    assertThat(held(Kind.MESSAGES) + held(Kind.QUEUES)).isZero();
  }

  @Test
  void whatTheStoreHoldsCountsAsWell() {
    var disk = new Disk();
    start(watermark(), disk);
    disk.waitingBytes(WATERMARK + 1);

    core.memory().look();
    assertThat(events).containsExactly("alarm MEMORY");

    disk.waitingBytes(0);
    core.memory().look();
    assertThat(events).containsExactly("alarm MEMORY", "over MEMORY");
  }

  @Test
  void queuesAndBindingsCountUntilTheyAreGone() {
    start(Limits.defaults());
    TestParty party = first("party");
    long before = held(Kind.TOPOLOGY);
    party.declare("q");
    long queue = held(Kind.TOPOLOGY) - before;
    assertThat(queue).isBetween(300L, 1_500L);
    bind(party, "amq.fanout", "q");
    bind(party, "amq.direct", "q");
    bind(party, "amq.direct", "q");
    assertThat(held(Kind.TOPOLOGY) - before - queue).isBetween(200L, 600L);

    party.ask(
        (Attachment p, Completion<Done> done) ->
            p.unbind(
                List.of(
                    new Binding(
                        "amq.direct",
                        Binding.Target.QUEUE,
                        "q",
                        RoutingKey.ofKey("k"),
                        Map.of(),
                        null)),
                done));
    assertThat(held(Kind.TOPOLOGY) - before - queue).isBetween(100L, 300L);
    delete(party, "q");
    assertThat(held(Kind.TOPOLOGY)).isEqualTo(before);
  }

  @Test
  void aLastValueCountsUntilItIsReplacedOrCleared() {
    start(Limits.defaults());
    TestParty party = first("party");
    var retained =
        new MessageProperties() {
          @Override
          public boolean retain() {
            return true;
          }
        };
    party.act(p -> p.publish(party.message("amq.topic", "t", retained, "x".repeat(5_000))));
    assertThat(held(Kind.LAST_VALUES)).isBetween(5_000L, 5_500L);
    party.act(p -> p.publish(party.message("amq.topic", "t", retained, "x".repeat(1_000))));
    assertThat(held(Kind.LAST_VALUES)).isBetween(1_000L, 1_500L);
    party.act(p -> p.publish(party.message("amq.topic", "t", retained, "")));
    assertThat(held(Kind.LAST_VALUES)).isZero();
  }

  /** A history of everything that brings messages into queues and out of them. */
  @Property(tries = 60)
  void whatIsGoneIsNotHeld(@ForAll long seed, @ForAll @IntRange(min = 1, max = 10) int window) {
    var random = new Random(seed);
    start(
        Limits.defaults()
            .with(Limit.QUEUE_WINDOW_MESSAGES, window)
            .with(Limit.UNSETTLED_DELIVERIES, 5));
    TestParty here = first("here");
    TestParty there = second("there");
    List<TestParty> owners = List.of(here, there, here);
    for (int i = 0; i < owners.size(); i++) {
      String name = "q" + i;
      Map<String, Object> arguments = i == 2 ? Map.of("x-message-ttl", 50L) : Map.of();
      var declaration = new QueueDeclaration(name, false, false, false, arguments, null);
      owners
          .get(i)
          .ask((Attachment p, Completion<QueueInfo> done) -> p.declareQueue(declaration, done));
      bind(owners.get(i), "amq.fanout", name);
    }
    var consuming = new ArrayList<TestParty.Consuming>();
    for (int step = 0; step < 150; step++) {
      String queue = "q" + random.nextInt(3);
      TestParty party = random.nextBoolean() ? here : there;
      switch (random.nextInt(9)) {
        case 0, 1, 2 -> party.publish("amq.fanout", "k", "x".repeat(random.nextInt(300)));
        case 3 -> party.publish("", queue, "one");
        case 4 -> {
          boolean autoAccept = random.nextInt(4) == 0;
          var request = new ConsumeRequest(queue, autoAccept, Mode.SHARED, 2, 0);
          consuming.add(party.consume(request));
        }
        case 5 -> settleOne(random, consuming);
        case 6 -> {
          if (!consuming.isEmpty()) {
            var c = consuming.remove(random.nextInt(consuming.size()));
            c.party().act(p -> c.consumption.detach());
          }
        }
        case 7 -> loops.advance(random.nextInt(40));
        default -> {
          boolean autoAccept = random.nextBoolean();
          party.ask(
              (Attachment p, Completion<Optional<Fetched>> done) -> p.get(queue, autoAccept, done));
        }
      }
    }
    if (random.nextBoolean()) {
      purge(there, "q1");
    }
    here.act(p -> p.close());
    there.act(p -> p.close());
    TestParty last = first("last");
    for (int i = 0; i < owners.size(); i++) {
      String name = "q" + i;
      delete(last, name);
    }
    assertThat(held(Kind.MESSAGES)).isZero();
    assertThat(held(Kind.QUEUES)).isZero();
    assertThat(held(Kind.UNDER_WAY)).isZero();
  }

  private static void settleOne(Random random, List<TestParty.Consuming> consuming) {
    if (consuming.isEmpty()) {
      return;
    }
    var c = consuming.get(random.nextInt(consuming.size()));
    if (!c.ids.isEmpty()) {
      long id = c.ids.remove(random.nextInt(c.ids.size()));
      Settlement[] ways = Settlement.values();
      c.party().act(p -> c.consumption.settle(id, ways[random.nextInt(ways.length)]));
    }
  }
}
