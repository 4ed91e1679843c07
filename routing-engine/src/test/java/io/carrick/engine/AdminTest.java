package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.AccessRefusedException;
import io.carrick.Admin;
import io.carrick.Binding;
import io.carrick.Binding.Target;
import io.carrick.BindingInfo;
import io.carrick.Broker;
import io.carrick.ChannelInfo;
import io.carrick.Client;
import io.carrick.ConnectionInfo;
import io.carrick.ConsumerInfo;
import io.carrick.ExchangeDefinition;
import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.NotFoundException;
import io.carrick.Page;
import io.carrick.PreconditionFailedException;
import io.carrick.QueueDefinition;
import io.carrick.QueueDetails;
import io.carrick.QueueInfo;
import io.carrick.RoutingKey;
import io.carrick.Selection;
import io.carrick.SessionInfo;
import io.carrick.VirtualHostInfo;
import io.carrick.engine.loop.ManualLoops;
import io.carrick.spi.Authorizer.Action;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import io.carrick.spi.Resource;
import io.carrick.spi.Settlement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an administrator sees, page by page, and may change. */
class AdminTest {

  private static final Selection ALL = Selection.everything();

  private final ManualLoops loops = new ManualLoops();
  private final PortAdapter adapter = new PortAdapter();
  private Broker broker;
  private Admin admin;

  /** Administrators administer the virtual host that is called as they are. */
  private static boolean allows(Identity who, Action action, Resource what) {
    return action != Action.ADMINISTER || what.virtualHost().equals(who.user());
  }

  @BeforeEach
  void start() {
    broker =
        EmbeddedBroker.builder()
            .loops(prefix -> loops)
            .adapter(adapter)
            .virtualHost("other")
            .authorizer(AdminTest::allows)
            .start();
    admin = broker.admin();
  }

  @AfterEach
  void close() {
    broker.close();
  }

  private <T> T await(CompletionStage<T> stage) {
    return loops.await(stage.toCompletableFuture());
  }

  private TestClient client(String name) {
    return new TestClient(adapter.adapters(), loops, loops.first, name);
  }

  private TestClient farClient(String name) {
    return new TestClient(adapter.adapters(), loops, loops.second, name);
  }

  private static QueueDeclaration session(String client) {
    return new QueueDeclaration(
        "mqtt.session." + client,
        false,
        false,
        false,
        Map.of(),
        SessionQueue.of(client, PortAdapter.ADMISSION));
  }

  private static QueueInfo declare(TestClient client, QueueDeclaration queue) {
    return client.ask((port, done) -> port.declareQueue(queue, done));
  }

  /** Lists everything in pages, which are to be full except the last. */
  private <T> List<T> pages(Selection which, Function<Selection, CompletionStage<Page<T>>> list) {
    var all = new ArrayList<T>();
    Page<T> page = await(list.apply(which));
    while (page.next().isPresent()) {
      assertThat(page.items()).hasSize(which.limit());
      all.addAll(page.items());
      page = await(list.apply(which.from(page.next().get())));
    }
    all.addAll(page.items());
    return all;
  }

  private List<String> queueNames(Selection which) {
    return pages(which, admin::queues).stream().map(q -> q.definition().name()).toList();
  }

  // ---- pages

  @Test
  void pagesHaveEveryQueueOnceInOrderWhicheverLoopItLivesIn() {
    TestClient here = client("here");
    TestClient there = farClient("there");
    for (int i = 0; i < 500; i++) {
      (i % 3 == 0 ? there : here).declare("q" + (1000 + i));
    }
    List<String> names = IntStream.range(0, 500).mapToObj(i -> "q" + (1000 + i)).toList();

    for (int limit : new int[] {1, 7, 100, 500, 501, 1_000_000}) {
      assertThat(queueNames(ALL.limit(limit))).as("pages of %d", limit).isEqualTo(names);
    }
  }

  @Test
  void whatGoesBetweenTwoPagesLosesNothingElse() {
    TestClient c = client("c");
    for (String name : List.of("a", "b", "c", "d")) {
      c.declare(name);
    }
    Page<QueueDetails> first = await(admin.queues(ALL.limit(2)));

    await(admin.deleteQueue("/", "b", false, false));
    await(admin.deleteQueue("/", "c", false, false));

    assertThat(queueNames(ALL.from(first.next().orElseThrow()))).containsExactly("d");
  }

  @Test
  void aPageBeginsOnlyWhereOneHasEnded() {
    for (String nonsense : List.of("", "nonsense", "1:2", "0:9:/", "x:1:/q")) {
      assertThatThrownBy(() -> await(admin.queues(ALL.from(nonsense))))
          .as(nonsense)
          .isInstanceOf(PreconditionFailedException.class);
    }
    assertThatThrownBy(() -> await(admin.connections(ALL.from("0:0:x"))))
        .isInstanceOf(PreconditionFailedException.class);
  }

  @Test
  void namesAreChosenByVirtualHostPrefixAndPattern() {
    TestClient c = client("c");
    List.of("orders.eu", "orders.us", "bills.eu").forEach(c::declare);
    await(admin.declare(QueueDefinition.durable("other", "orders.eu")));

    assertThat(queueNames(ALL.startingWith("orders.")))
        .containsExactly("orders.eu", "orders.us", "orders.eu");
    assertThat(queueNames(ALL.in("/").matching(Pattern.compile("\\.eu$"))))
        .containsExactly("bills.eu", "orders.eu");
    assertThat(queueNames(ALL.in("other"))).containsExactly("orders.eu");
    assertThat(queueNames(ALL.in("missing"))).isEmpty();
  }

  @Test
  void aPatternThatWouldTakeForEverIsRefused() {
    client("c").declare("a".repeat(40) + "b");

    Selection evil = ALL.matching(Pattern.compile(".*.*.*.*.*.*x"));

    assertThatThrownBy(() -> await(admin.queues(evil)))
        .isInstanceOf(PreconditionFailedException.class)
        .hasMessage("the pattern takes too long");
  }

  @Test
  void aListHoldsNoLoopForLongHoweverMuchThereIs() {
    TestClient here = client("here");
    TestClient there = farClient("there");
    for (int i = 0; i < 5_000; i++) {
      (i % 2 == 0 ? here : there).declare("q" + i);
    }
    declare(here, session("here"));
    here.act(
        port -> {
          for (int i = 0; i < 5_000; i++) {
            port.bind(
                List.of(Binding.of("amq.topic", "mqtt.session.here", "k" + i)),
                new TestClient.Answer<>());
          }
        });
    int share = 1;
    Selection most = ALL.limit(1_000);
    loops.first.share(share);
    loops.second.share(share);

    assertThat(pages(most, admin::queues)).hasSize(5_001);
    assertThat(pages(most, admin::sessions)).hasSize(1);
    assertThat(pages(most, admin::consumers)).isEmpty();
    assertThat(pages(most, admin::bindings)).hasSize(5_000);
    assertThat(pages(most.startingWith("none"), admin::queues)).isEmpty();

    assertThat(loops.first.mostWorked()).isBetween(100, 600);
    assertThat(loops.second.mostWorked()).isBetween(100, 600);
  }

  // ---- what is there

  @Test
  void virtualHostsAreListedWithWhatTheyHave() {
    client("c").declare("q");

    assertThat(pages(ALL.limit(1), admin::virtualHosts))
        .containsExactly(
            new VirtualHostInfo("/", 7, 1, false), new VirtualHostInfo("other", 7, 0, false));
  }

  @Test
  void exchangesAreListedWithTheirSettings() {
    var settings =
        new ExchangeDefinition(
            "other", "x", "topic", false, true, true, Map.of("alternate-exchange", "amq.fanout"));
    await(admin.declare(settings));

    assertThat(pages(ALL.in("other").limit(4), admin::exchanges))
        .hasSize(8)
        .contains(settings)
        .contains(ExchangeDefinition.durable("other", "", "direct"));
  }

  @Test
  void queuesAreListedWithTheirSettingsAndWhatIsInThem() {
    Map<String, Object> arguments = Map.of("x-message-ttl", 60_000);
    TestClient c = client("c");
    declare(c, new QueueDeclaration("q", true, false, true, arguments, null));
    c.declareExclusive("mine");
    declare(c, session("c"));
    c.publish("", "q", "m");

    List<QueueDetails> queues = pages(ALL, admin::queues);

    String id = await(admin.connections(ALL)).items().get(0).id();
    assertThat(queues)
        .containsExactly(
            new QueueDetails(
                new QueueDefinition("/", "mine", false, false, Map.of()),
                new QueueInfo("/", "mine", false, 0, 0, 0, 0),
                Optional.of(id),
                Optional.empty()),
            new QueueDetails(
                new QueueDefinition("/", "mqtt.session.c", false, false, Map.of()),
                new QueueInfo("/", "mqtt.session.c", false, 0, 0, 0, 0),
                Optional.empty(),
                Optional.of("c")),
            new QueueDetails(
                new QueueDefinition("/", "q", true, true, arguments),
                new QueueInfo("/", "q", true, 1, 0, 0, 1),
                Optional.empty(),
                Optional.empty()));
  }

  @Test
  void bindingsAreListedByDestinationAndBySource() {
    TestClient c = client("c");
    c.declare("q");
    declare(c, session("c"));
    c.bind(Binding.of("amq.direct", "q", "a"));
    c.bind(Binding.of("amq.topic", "q", "b"));
    c.bind(Binding.toExchange("amq.topic", "amq.fanout", "c"));
    Binding attached =
        new Binding(
            "amq.topic", Target.QUEUE, "mqtt.session.c", RoutingKey.ofKey("d"), Map.of(), "QoS 1");
    c.bind(attached);

    assertThat(keys(pages(ALL.limit(1), admin::bindings)))
        .containsExactlyInAnyOrder("a", "b", "c", "d");
    assertThat(keys(pages(ALL.limit(1), s -> admin.bindingsTo("/", Target.QUEUE, "q", s))))
        .containsExactlyInAnyOrder("a", "b");
    assertThat(keys(pages(ALL, s -> admin.bindingsTo("/", Target.EXCHANGE, "amq.fanout", s))))
        .containsExactly("c");
    List<BindingInfo> fromTopic = pages(ALL.limit(1), s -> admin.bindingsFrom("/", "amq.topic", s));
    assertThat(keys(fromTopic)).containsExactlyInAnyOrder("b", "c", "d");
    assertThat(fromTopic).allMatch(b -> b.binding().attachment() == null);
    assertThatThrownBy(() -> await(admin.bindingsTo("/", Target.QUEUE, "none", ALL)))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> await(admin.bindingsFrom("/", "none", ALL)))
        .isInstanceOf(NotFoundException.class);
  }

  private static List<String> keys(List<BindingInfo> bindings) {
    return bindings.stream().map(b -> b.binding().key().asKey()).toList();
  }

  @Test
  void consumersOfAllQueuesAreListedInPages() {
    TestClient here = client("here");
    TestClient there = farClient("there");
    here.declare("a");
    there.declare("b");
    for (int i = 1; i <= 5; i++) {
      here.consume(new ConsumeRequest("a", false, Mode.SHARED, i, 0));
      there.consume(new ConsumeRequest("b", false, Mode.SHARED, i, 0));
    }

    List<ConsumerInfo> consumers = pages(ALL.limit(3), admin::consumers);

    assertThat(consumers.stream().map(c -> c.queue() + c.prefetch()))
        .containsExactly("a1", "a2", "a3", "a4", "a5", "b1", "b2", "b3", "b4", "b5");
  }

  @Test
  void sessionsAreListedByTheirNames() {
    TestClient one = client("one");
    declare(one, session("one"));
    one.bind(Binding.of("amq.topic", "mqtt.session.one", "k"));
    one.declare("no session");
    declare(farClient("two"), session("two"));
    var consuming = one.consume(new ConsumeRequest("mqtt.session.one", false, Mode.LEASE, 1, 0));
    one.publish("amq.topic", "k", "1");
    one.publish("amq.topic", "k", "2");

    assertThat(pages(ALL.limit(1), admin::sessions))
        .containsExactly(
            new SessionInfo("one", "/", "mqtt.session.one", true, 1, 2, 1),
            new SessionInfo("two", "/", "mqtt.session.two", false, 0, 0, 0));
    assertThat(await(admin.sessions(ALL.startingWith("tw"))).items()).hasSize(1);
    consuming.settle(0, Settlement.ACCEPT);
  }

  @Test
  void connectionsAreListedInTheOrderOfTheirComingWithTheirChannels() {
    TestClient first = farClient("first");
    client("second");
    first.declare("q");
    first.act(port -> port.open(first));
    first.consume(new ConsumeRequest("q", false, Mode.SHARED, 1, 0));

    assertThat(pages(ALL.limit(1), admin::connections).stream().map(ConnectionInfo::name))
        .containsExactly("first", "second");
    List<ChannelInfo> channels = pages(ALL.limit(1), admin::channels);
    assertThat(channels.stream().map(c -> c.number() + " " + c.consumers()))
        .containsExactly("0 1", "1 0", "0 0");
    assertThat(pages(ALL.startingWith("f"), admin::channels)).hasSize(2);
  }

  @Test
  void lastValuesAreListedByFilter() {
    TestClient c = client("c");
    MessageProperties retain = Message.builder("").retain().build().properties();
    for (String topic : List.of("a.b", "a.c", "b")) {
      c.act(port -> port.publish(c.message("amq.topic", topic, retain, topic)));
    }

    assertThat(pages(ALL.limit(1), s -> admin.lastValues(RoutingKey.ofKey("#"), s)))
        .extracting(v -> v.message().text())
        .containsExactlyInAnyOrder("a.b", "a.c", "b");
    assertThat(pages(ALL, s -> admin.lastValues(RoutingKey.ofTopic("a/+"), s))).hasSize(2);
  }

  // ---- changing it

  @Test
  void anAdministratorDeclaresBindsAndDeletes() {
    try (Client program = broker.connect("other")) {
      await(admin.declare(ExchangeDefinition.durable("other", "x", "fanout")));
      String name = await(admin.declare(QueueDefinition.durable("other", "")));
      assertThat(name).startsWith("amq.gen-");
      await(admin.bind("other", Binding.of("x", name, "")));
      await(program.publisher("x").publish("", Message.of("m")));
      await(program.publisher("x").publish("", Message.of("n")));
      assertThat(program.poll(name).orElseThrow().message().text()).isEqualTo("m");

      await(admin.unbind("other", Binding.of("x", name, "")));
      assertThat(await(admin.bindings(ALL)).items()).isEmpty();
      await(admin.deleteExchange("other", "x", true));
      assertThat(await(admin.deleteQueue("other", name, false, false))).isEqualTo(1);
      assertThat(await(admin.deleteQueue("other", name, true, true))).isZero();
      assertThat(await(admin.queues(ALL)).items()).isEmpty();
    }
  }

  @Test
  void whatIsRefusedSaysWhy() {
    assertThatThrownBy(() -> await(admin.declare(QueueDefinition.durable("/", "amq.q"))))
        .isInstanceOf(AccessRefusedException.class);
    assertThatThrownBy(() -> await(admin.declare(QueueDefinition.durable("none", "q"))))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> await(admin.declare(ExchangeDefinition.durable("/", "", "direct"))))
        .isInstanceOf(AccessRefusedException.class);
    assertThatThrownBy(() -> await(admin.deleteExchange("/", "amq.direct", false)))
        .isInstanceOf(AccessRefusedException.class);
    assertThatThrownBy(() -> await(admin.bind("/", Binding.of("amq.direct", "none", "k"))))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> await(admin.purge("/", "none"))).isInstanceOf(NotFoundException.class);
  }

  @Test
  void anAdministratorPurgesASessionsQueueAndAnExclusiveOne() {
    TestClient c = client("c");
    declare(c, session("c"));
    c.bind(Binding.of("amq.topic", "mqtt.session.c", "k"));
    c.declareExclusive("mine");
    c.publish("amq.topic", "k", "1");
    c.publish("", "mine", "2");

    assertThat(await(admin.purge("/", "mqtt.session.c"))).isEqualTo(1);
    assertThat(await(admin.purge("/", "mine"))).isEqualTo(1);
    assertThat(await(admin.deleteQueue("/", "mine", false, false))).isZero();
    assertThatThrownBy(() -> await(admin.bind("/", Binding.of("amq.topic", "mqtt.session.c", "x"))))
        .isInstanceOf(AccessRefusedException.class);
  }

  @Test
  void anAdministratorEndsASession() {
    TestClient c = client("c");
    declare(c, session("c"));
    var consuming = c.consume(new ConsumeRequest("mqtt.session.c", false, Mode.LEASE, 1, 0));
    c.bind(Binding.of("amq.topic", "mqtt.session.c", "k"));
    c.publish("amq.topic", "k", "1");
    c.publish("amq.topic", "k", "2");

    assertThat(await(admin.deleteQueue("/", "mqtt.session.c", false, false))).isEqualTo(1);
    assertThat(await(admin.sessions(ALL)).items()).isEmpty();
    assertThat(consuming.got).containsExactly("1/by [null]", "QUEUE_DELETED");
  }

  @Test
  void anAdministratorClosesAConnection() {
    TestClient c = client("c");
    String id = await(admin.connections(ALL)).items().get(0).id();

    assertThat(await(admin.closeConnection(id, "out"))).isTrue();
    assertThat(c.told).containsExactly("close ADMINISTRATIVE");
    assertThat(await(admin.closeConnection("c99", "out"))).isFalse();
  }

  // ---- under an identity

  @Test
  void whoMayAdministerOneVirtualHostSeesAndChangesNothingElse() {
    TestClient c = client("c");
    c.declare("q");
    c.bind(Binding.of("amq.topic", "q", "k"));
    Admin limited = broker.admin(Identity.ofUser("other"));
    await(limited.declare(QueueDefinition.durable("other", "theirs")));

    assertThat(await(limited.virtualHosts(ALL)).items()).hasSize(1);
    assertThat(await(limited.exchanges(ALL)).items()).hasSize(7);
    assertThat(await(limited.queues(ALL)).items()).hasSize(1);
    assertThat(await(limited.bindings(ALL)).items()).isEmpty();
    assertThat(await(limited.connections(ALL)).items()).isEmpty();
    assertThat(await(limited.channels(ALL)).items()).isEmpty();
    String id = await(admin.connections(ALL)).items().get(0).id();
    assertThat(await(limited.closeConnection(id, "out"))).isFalse();
    for (String host : List.of("/", "missing")) {
      assertThatThrownBy(() -> await(limited.purge(host, "q")))
          .isInstanceOf(AccessRefusedException.class)
          .hasMessage("administrator access to vhost '%s' refused for user 'other'", host);
      assertThatThrownBy(() -> await(limited.bindingsTo(host, Target.QUEUE, "q", ALL)))
          .isInstanceOf(AccessRefusedException.class);
      assertThatThrownBy(() -> await(limited.bindingsFrom(host, "amq.topic", ALL)))
          .isInstanceOf(AccessRefusedException.class);
    }
  }
}
