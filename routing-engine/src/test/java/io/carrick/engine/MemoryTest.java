package io.carrick.engine;

import static io.carrick.engine.RestartableBroker.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Alarm;
import io.carrick.Binding;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Mapping;
import io.carrick.MessageProperties;
import io.carrick.QueueInfo;
import io.carrick.RoutingKey;
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
import io.carrick.spi.Attachment;
import io.carrick.spi.Attachment.Fetched;
import io.carrick.spi.BrokerListener;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
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
  private AdapterContext adapters;

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
      var hosts =
          new VirtualHosts(
              definitions,
              limits,
              new Mappings(Mapping.lossless(), Map.of()),
              name -> new VirtualHost(name, limits, types, 2, definitions));
      hosts.restore("/");
      VirtualHost host = hosts.host("/");
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
      adapters =
          new BrokerAdapterContext(
              core, hosts, new Workers("test"), Optional.empty(), List.of(), ReplyKey.random());
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

  private TestClient first(String name) {
    return new TestClient(adapters, loops, loops.first, name);
  }

  private TestClient second(String name) {
    return new TestClient(adapters, loops, loops.second, name);
  }

  private static void bind(TestClient client, String exchange, String queue) {
    client.bind(
        new Binding(exchange, Binding.Target.QUEUE, queue, RoutingKey.ofKey("k"), Map.of(), null));
  }

  private static ConsumeRequest shared(String queue, int prefetch) {
    return new ConsumeRequest(queue, false, Mode.SHARED, prefetch, 0);
  }

  private static void purge(TestClient client, String queue) {
    client.ask((Attachment p, Completion<Long> done) -> p.purgeQueue(queue, done));
  }

  private static void delete(TestClient client, String queue) {
    client.ask((Attachment p, Completion<Long> done) -> p.deleteQueue(queue, false, false, done));
  }

  private static void fill(TestClient publisher, TestClient told) {
    for (int i = 0; i < 100 && !told.told.contains("pause MEMORY"); i++) {
      publisher.publish("", "q", "x".repeat(1_000));
    }
  }

  @Test
  void aPublisherPausesAboveTheWatermarkAndGoesOnBelowThreeQuartersOfIt() {
    start(watermark());
    TestClient publisher = first("publisher");
    TestClient consumer = second("consumer");
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
                .snapshot(core.contexts(), core.memory(), core.policies())
                .value("alarms.raised{alarm=memory}"))
        .isEqualTo(1);
  }

  @Test
  void aPublisherThatComesDuringTheAlarmPausesAfterItsFirstPublish() {
    start(watermark());
    TestClient publisher = first("publisher");
    publisher.declare("q");
    fill(publisher, publisher);

    TestClient late = second("late");
    TestClient silent = second("silent");
    late.publish("", "q", "one more");

    assertThat(late.told).contains("pause MEMORY", "accepted 1-1");
    assertThat(silent.told).isEmpty();
  }

  @Test
  void whoHasLeftIsNotToldThatTheAlarmIsOver() {
    start(watermark());
    TestClient publisher = first("publisher");
    TestClient other = second("other");
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
    TestClient client = first("client");
    TestClient far = second("far");
    int queues = 20;
    for (int i = 0; i < queues; i++) {
      TestClient owner = i % 2 == 0 ? client : far;
      owner.declare("q" + i);
      bind(owner, "amq.fanout", "q" + i);
    }

    client.publish("amq.fanout", "k", "x".repeat(10_000));
    assertThat(held(Kind.MESSAGES)).isBetween(10_000L, 10_500L);
    long entries = held(Kind.QUEUES);
    assertThat(entries).isBetween(queues * 40L, queues * 100L);

    for (int i = 0; i < queues - 1; i++) {
      String queue = "q" + i;
      purge(client, queue);
    }
    assertThat(held(Kind.MESSAGES)).as("the last queue keeps it").isBetween(10_000L, 10_500L);
    delete(client, "q" + (queues - 1));
    assertThat(held(Kind.MESSAGES)).isZero();
    assertThat(held(Kind.QUEUES)).isZero();
  }

  @Test
  void withADurableStoreMessagesLeaveMemoryBeforeAnybodyHasToWait() {
    start(watermark(), new Disk());
    TestClient publisher = first("publisher");
    TestClient consumer = second("consumer");
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
    TestClient client = first("client");
    long before = held(Kind.TOPOLOGY);
    client.declare("q");
    long queue = held(Kind.TOPOLOGY) - before;
    assertThat(queue).isBetween(300L, 1_500L);
    bind(client, "amq.fanout", "q");
    bind(client, "amq.direct", "q");
    bind(client, "amq.direct", "q");
    assertThat(held(Kind.TOPOLOGY) - before - queue).isBetween(200L, 600L);

    client.ask(
        (Attachment p, Completion<Integer> done) ->
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
    delete(client, "q");
    assertThat(held(Kind.TOPOLOGY)).isEqualTo(before);
  }

  @Test
  void aLastValueCountsUntilItIsReplacedOrCleared() {
    start(Limits.defaults());
    TestClient client = first("client");
    var retained =
        new MessageProperties() {
          @Override
          public boolean retain() {
            return true;
          }
        };
    client.act(p -> p.publish(client.message("amq.topic", "t", retained, "x".repeat(5_000))));
    assertThat(held(Kind.LAST_VALUES)).isBetween(5_000L, 5_500L);
    client.act(p -> p.publish(client.message("amq.topic", "t", retained, "x".repeat(1_000))));
    assertThat(held(Kind.LAST_VALUES)).isBetween(1_000L, 1_500L);
    client.act(p -> p.publish(client.message("amq.topic", "t", retained, "")));
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
    TestClient here = first("here");
    TestClient there = second("there");
    List<TestClient> owners = List.of(here, there, here);
    for (int i = 0; i < owners.size(); i++) {
      String name = "q" + i;
      Map<String, Object> arguments = i == 2 ? Map.of("x-message-ttl", 50L) : Map.of();
      var declaration = new QueueDeclaration(name, false, false, false, arguments, null);
      owners
          .get(i)
          .ask((Attachment p, Completion<QueueInfo> done) -> p.declareQueue(declaration, done));
      bind(owners.get(i), "amq.fanout", name);
    }
    var consuming = new ArrayList<TestClient.Consuming>();
    for (int step = 0; step < 150; step++) {
      String queue = "q" + random.nextInt(3);
      TestClient client = random.nextBoolean() ? here : there;
      switch (random.nextInt(9)) {
        case 0, 1, 2 -> client.publish("amq.fanout", "k", "x".repeat(random.nextInt(300)));
        case 3 -> client.publish("", queue, "one");
        case 4 -> {
          boolean autoAccept = random.nextInt(4) == 0;
          var request = new ConsumeRequest(queue, autoAccept, Mode.SHARED, 2, 0);
          consuming.add(client.consume(request));
        }
        case 5 -> settleOne(random, consuming);
        case 6 -> {
          if (!consuming.isEmpty()) {
            var c = consuming.remove(random.nextInt(consuming.size()));
            c.client().act(p -> c.consumption.detach());
          }
        }
        case 7 -> loops.advance(random.nextInt(40));
        default -> {
          boolean autoAccept = random.nextBoolean();
          client.ask(
              (Attachment p, Completion<Optional<Fetched>> done) -> p.get(queue, autoAccept, done));
        }
      }
    }
    if (random.nextBoolean()) {
      purge(there, "q1");
    }
    here.act(p -> p.close());
    there.act(p -> p.close());
    TestClient last = first("last");
    for (int i = 0; i < owners.size(); i++) {
      String name = "q" + i;
      delete(last, name);
    }
    assertThat(held(Kind.MESSAGES)).isZero();
    assertThat(held(Kind.QUEUES)).isZero();
    assertThat(held(Kind.UNDER_WAY)).isZero();
  }

  private static void settleOne(Random random, List<TestClient.Consuming> consuming) {
    if (consuming.isEmpty()) {
      return;
    }
    var c = consuming.get(random.nextInt(consuming.size()));
    if (!c.ids.isEmpty()) {
      long id = c.ids.remove(random.nextInt(c.ids.size()));
      Settlement[] ways = Settlement.values();
      c.client().act(p -> c.consumption.settle(id, ways[random.nextInt(ways.length)]));
    }
  }
}
