package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Binding;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Mapping;
import io.carrick.MessageProperties;
import io.carrick.QueueInfo;
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
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.ExchangeType;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import io.carrick.storage.MessageStore;
import io.carrick.storage.StoreContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What one turn of a loop does is bounded, whatever waits in queues: counted, not timed. */
class TurnWorkTest {

  private static final int SHARE = 100;

  private final ManualLoops loops = new ManualLoops();
  private final Workers workers = new Workers("test");
  private VirtualHost host;
  private TestClient publisher;
  private TestClient consumer;

  @BeforeEach
  void start() throws IOException {
    Limits limits = Limits.defaults();
    var policies = new Policies(Optional.empty(), List.of(), List.of());
    var records = new Records(Map.of());
    var definitions =
        new Definitions(MessageStore.inMemory().open(new StoreContext(records, limits)), records);
    Core core = Core.over(loops, definitions, limits, policies, Map.of());
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
    host = hosts.all().iterator().next();
    var adapters =
        new BrokerAdapterContext(
            core, hosts, workers, Optional.empty(), List.of(), ReplyKey.random());
    publisher = new TestClient(adapters, loops, loops.first, "publisher");
    consumer = new TestClient(adapters, loops, loops.first, "consumer");
  }

  @AfterEach
  void stop() {
    workers.close(1_000);
  }

  private void fill(String queue, int messages, MessageProperties properties) {
    for (int i = 0; i < messages; i++) {
      int number = i;
      publisher.act(p -> p.publish(publisher.message("", queue, properties, "m" + number)));
    }
  }

  private static List<String> messages(int count) {
    return IntStream.range(0, count).mapToObj(i -> "m" + i).toList();
  }

  private static ConsumeRequest request(String queue, boolean autoAccept) {
    return new ConsumeRequest(queue, autoAccept, Mode.SHARED, 0, 0);
  }

  @Test
  void aBacklogIsDeliveredInOrderOverManyTurns() {
    publisher.declare("q");
    fill("q", 5_000, MessageProperties.NONE);
    loops.first.share(SHARE);

    Consuming consuming = consumer.consume(request("q", true));

    assertThat(consuming.got).isEqualTo(messages(5_000));
    assertThat(loops.first.mostWorked()).isBetween(1, 2 * SHARE);
  }

  @Test
  void backlogsOfManyQueuesTakeTurns() {
    int queues = 50;
    for (int i = 0; i < queues; i++) {
      publisher.declare("q" + i);
      fill("q" + i, 200, MessageProperties.NONE);
    }
    loops.first.share(SHARE);
    List<Consuming> all = new ArrayList<>();

    consumer.act(
        p -> {
          for (int i = 0; i < queues; i++) {
            Consuming each = consumer.new Consuming();
            all.add(each);
            p.consume(request("q" + i, true), each, new TestClient.Answer<>());
          }
        });

    assertThat(all).allSatisfy(c -> assertThat(c.got).isEqualTo(messages(200)));
    assertThat(loops.first.mostWorked()).isBetween(1, 2 * SHARE);
  }

  @Test
  void aQueueWithManyBindingsGoesOverManyTurns() {
    publisher.declare("q");
    publisher.declare("other");
    for (int i = 0; i < 20_000; i++) {
      publisher.bind(Binding.of("amq.topic", "q", "key.*." + i));
    }
    publisher.bind(Binding.of("amq.topic", "other", "key.*.1"));
    loops.first.share(SHARE);

    publisher.ask((Attachment p, Completion<Long> done) -> p.deleteQueue("q", false, false, done));

    assertThat(loops.first.mostWorked()).isBetween(1_024, 2_048);
    assertThat(host.queueCount()).isEqualTo(1);
    publisher.act(
        p -> {
          assertThat(
                  p.publish(
                      publisher.message("amq.topic", "key.a.2", MessageProperties.NONE, "no")))
              .isFalse();
          assertThat(
                  p.publish(
                      publisher.message("amq.topic", "key.a.1", MessageProperties.NONE, "yes")))
              .isTrue();
        });
    assertThat(host.topologyBytes()).as("no binding is held").isLessThan(10_000);
  }

  @Test
  void whatComesMeanwhileStaysBehindTheBacklog() {
    publisher.declare("q");
    fill("q", 1_000, MessageProperties.NONE);
    loops.first.share(SHARE);
    var consuming = consumer.new Consuming();

    consumer.act(
        p -> {
          p.consume(request("q", true), consuming, new TestClient.Answer<>());
          publisher.port.publish(publisher.message("", "q", MessageProperties.NONE, "late"));
        });

    assertThat(consuming.got).hasSize(1_001).endsWith("late");
  }

  @Test
  void whatHasGrownTooOldIsDroppedOverManyTurns() {
    int queues = 20;
    for (int i = 0; i < queues; i++) {
      String name = "q" + i;
      var declaration =
          new QueueDeclaration(name, false, false, false, Map.of("x-message-ttl", 1_000), null);
      publisher.act(p -> p.declareQueue(declaration, new TestClient.Answer<>()));
      fill(name, 200, MessageProperties.NONE);
    }
    loops.first.share(SHARE);

    loops.advance(1_001);

    var found = new TestClient.Answer<QueueInfo>();
    publisher.act(p -> p.findQueue("q7", found));
    assertThat(found.get().ready()).isZero();
    assertThat(loops.first.mostWorked()).isBetween(1, 2 * SHARE);
  }

  @Test
  void aPurgeLetsGoOverManyTurnsAndWhatComesBehindItStays() {
    publisher.declare("q");
    int window = (int) Limit.QUEUE_WINDOW_MESSAGES.byDefault();
    fill("q", 60_000, MessageProperties.NONE);
    loops.first.share(SHARE);

    var purged = new TestClient.Answer<Long>();
    publisher.act(
        p -> {
          p.purgeQueue("q", purged);
          p.publish(publisher.message("", "q", MessageProperties.NONE, "after"));
        });

    assertThat(purged.get()).isEqualTo(60_000);
    assertThat(loops.first.mostWorked()).isBetween(1, window + 2_000);
    assertThat(consumer.consume(request("q", true)).got).containsExactly("after");
  }

  @Test
  void whoTakesASessionOverCostsWhatItTakes() {
    int inFlight = 1_024;
    publisher.declare("q");
    fill("q", inFlight, MessageProperties.NONE);
    var lease = new ConsumeRequest("q", false, Mode.LEASE, inFlight, 0);
    Consuming holder = consumer.consume(lease);
    assertThat(holder.got).hasSize(inFlight);

    int delivered = 0;
    for (int i = 0; i < 100; i++) {
      holder = consumer.consume(lease);
      assertThat(holder.got).first().isEqualTo("m0*");
      delivered += holder.got.size();
    }
    assertThat(delivered).isEqualTo(100 * 16);

    // It settles what it gets, and gets all the rest, in order.
    for (int i = 0; i < inFlight; i++) {
      holder.settle(i, Settlement.ACCEPT);
    }
    assertThat(holder.got).isEqualTo(messages(inFlight).stream().map(m -> m + "*").toList());
  }

  @Test
  void whoTakesASessionOverAndSettlesLateGetsEverythingAfterAWhile() {
    publisher.declare("q");
    fill("q", 100, MessageProperties.NONE);
    var lease = new ConsumeRequest("q", false, Mode.LEASE, 100, 0);
    consumer.consume(lease);

    Consuming next = consumer.consume(lease);

    assertThat(next.got).hasSize(16);
    loops.advance(100);
    assertThat(next.got).hasSize(100);
  }
}
