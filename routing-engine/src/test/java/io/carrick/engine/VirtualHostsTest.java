package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.AccessRefusedException;
import io.carrick.Admin;
import io.carrick.Binding;
import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Identity;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.NotFoundException;
import io.carrick.Page;
import io.carrick.PreconditionFailedException;
import io.carrick.QueueInfo;
import io.carrick.RoutingKey;
import io.carrick.Selection;
import io.carrick.VirtualHostInfo;
import io.carrick.engine.definitions.Records;
import io.carrick.engine.loop.ManualLoops;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import io.carrick.spi.Resource.Kind;
import io.carrick.storage.Disk;
import io.carrick.storage.MessageStore;
import io.carrick.storage.StoreContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Virtual hosts come and go while the broker runs, and over restarts and crashes. */
class VirtualHostsTest {

  private static final Selection ALL = Selection.everything();

  private final Disk disk = new Disk();
  private ManualLoops loops;
  private PortAdapter adapter;
  private Broker broker;
  private Admin admin;

  @BeforeEach
  void start() {
    loops = new ManualLoops();
    adapter = new PortAdapter();
    broker =
        EmbeddedBroker.builder()
            .loops(prefix -> loops)
            .adapter(adapter)
            .store(disk)
            .limits(Limits.defaults().with(Limit.VIRTUAL_HOSTS, 3))
            .authorizer((who, action, what) -> what.kind() != Kind.BROKER)
            .start();
    admin = broker.admin();
    loops.run();
  }

  private void restart() {
    broker.close();
    start();
  }

  /** The machine loses its power. */
  private void crash() {
    disk.crash();
    start();
  }

  @AfterEach
  void close() {
    broker.close();
  }

  private <T> T await(CompletionStage<T> stage) {
    return loops.await(stage.toCompletableFuture());
  }

  private List<String> hosts() {
    Page<VirtualHostInfo> page = await(admin.virtualHosts(ALL));
    return page.items().stream().map(VirtualHostInfo::name).toList();
  }

  private TestClient client(String host) {
    return new TestClient(adapter.adapters(), loops, loops.second, "c", host);
  }

  /** Leaves something of every kind in a virtual host. */
  private TestClient fill(String host) {
    TestClient c = client(host);
    var session =
        new QueueDeclaration(
            "mqtt.c", true, false, false, Map.of(), SessionQueue.of("c", PortAdapter.ADMISSION));
    for (QueueDeclaration queue : List.of(session, RestartableBroker.durable("q"))) {
      c.ask((Attachment port, Completion<QueueInfo> done) -> port.declareQueue(queue, done));
    }
    c.ask(
        (Attachment port, Completion<Done> done) ->
            port.declareExchange(RestartableBroker.exchange("x", "topic", true), done));
    c.bind(Binding.of("x", "q", "#"));
    c.bind(Binding.of("amq.topic", "mqtt.c", "#"));
    c.bind(Binding.toExchange("amq.topic", "x", "#"));
    Message retained = c.message("amq.topic", "a.$b", RestartableBroker.RETAINED, "m");
    c.act(port -> port.publishConfirmed(retained));
    c.act(port -> port.publishConfirmed(c.message("amq.topic", "$a", retained.properties(), "m")));
    c.ask(
        (Attachment port, Completion<Done> done) ->
            port.schedulePublish("s", retained, 60_000, done));
    c.act(port -> port.sessionTable("c").put(7, new byte[] {1}));
    return c;
  }

  private void assertEmpty(String host) {
    Selection there = ALL.in(host);
    assertThat(await(admin.queues(there)).items()).isEmpty();
    assertThat(await(admin.exchanges(there)).items()).hasSize(7);
    assertThat(await(admin.bindings(there)).items()).isEmpty();
    assertThat(await(admin.lastValues(RoutingKey.ofKey("#"), there)).items()).isEmpty();
    TestClient c = client(host);
    assertThat(c.<Boolean>ask((port, done) -> port.cancelScheduled("s", done))).isFalse();
    c.act(
        port ->
            port.sessionTable("c")
                .forEach(
                    (key, record) -> {
                      throw new AssertionError("a record of a session is left");
                    }));
  }

  @Test
  void aNewVirtualHostCanBeUsedAtOnceAndAfterARestart() {
    assertThatThrownBy(() -> broker.connect("new")).isInstanceOf(NotFoundException.class);

    await(admin.createVirtualHost("new"));
    await(admin.createVirtualHost("new"));
    assertThat(hosts()).containsExactly("/", "new");
    fill("new");
    restart();

    assertThat(hosts()).containsExactly("/", "new");
    assertThat(await(admin.queues(ALL.in("new"))).items()).hasSize(2);
    assertThat(await(admin.bindings(ALL.in("new"))).items()).hasSize(3);
    try (Client client = broker.connect("new")) {
      assertThat(client.poll("q")).isPresent();
    }
  }

  @Test
  void aDeletedVirtualHostLeavesNothingBehind() {
    await(admin.createVirtualHost("gone"));
    TestClient remote = fill("gone");
    Client program = broker.connect("gone");

    await(admin.deleteVirtualHost("gone"));

    assertThat(remote.told).contains("close ADMINISTRATIVE");
    assertThat(hosts()).containsExactly("/");
    assertThat(await(admin.connections(ALL)).items()).isEmpty();
    assertThatThrownBy(() -> client("gone")).isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> program.poll("q")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> await(admin.deleteVirtualHost("gone")))
        .isInstanceOf(NotFoundException.class);
    await(admin.createVirtualHost("gone"));
    assertEmpty("gone");
    restart();
    assertEmpty("gone");
  }

  @Test
  void whoIsStillThereAddsNothingToADeletedVirtualHost() {
    await(admin.createVirtualHost("gone"));
    TestClient late = client("gone");

    await(admin.deleteVirtualHost("gone"));

    late.act(
        port -> {
          var answer = new TestClient.Answer<QueueInfo>();
          port.declareQueue(TestClient.plain("late"), answer);
          assertThatThrownBy(answer::get).isInstanceOf(NotFoundException.class);
        });
  }

  @Test
  void aCrashAtAnyMomentOfADeletionLeavesAllOrNothing() throws IOException {
    await(admin.createVirtualHost("gone"));
    fill("gone");
    int before = disk.durableEntries();
    await(admin.deleteVirtualHost("gone"));
    int after = disk.durableEntries();
    broker.close();
    assertThat(after).isGreaterThan(before);

    for (int entries = before; entries <= after; entries++) {
      Disk then = disk.asOf(entries);
      ManualLoops run = new ManualLoops();
      Broker next =
          EmbeddedBroker.builder()
              .loops(prefix -> run)
              .adapter(new PortAdapter())
              .store(then)
              .start();
      List<VirtualHostInfo> found =
          run.await(next.admin().virtualHosts(ALL).toCompletableFuture()).items();
      next.close();
      if (entries == before) {
        assertThat(found).extracting(VirtualHostInfo::queues).containsExactly(0, 2);
      } else {
        assertThat(found).as("%d entries", entries).hasSize(1);
        var nothing = new Leftovers();
        var context = new StoreContext(new Records(Map.of()), Limits.defaults());
        then.open(context).recover(nothing);
        assertThat(nothing.tables)
            .as("%d entries", entries)
            .containsOnly("broker", "secret", "spelling of /");
      }
    }
    start();
  }

  @Test
  void aVirtualHostThatAnAdapterNeedsStays() {
    adapter.adapters().reserve("/", "amq.topic", key -> false);

    assertThatThrownBy(() -> await(admin.deleteVirtualHost("/")))
        .isInstanceOf(PreconditionFailedException.class)
        .hasMessage("virtual host '/' is where an adapter has its topics");
    assertThat(hosts()).containsExactly("/");
  }

  @Test
  void aVirtualHostOfTheBuilderComesBackEmptyWithTheNextStart() {
    fill("/");

    await(admin.deleteVirtualHost("/"));
    assertThat(hosts()).isEmpty();
    crash();

    assertThat(hosts()).containsExactly("/");
    assertEmpty("/");
  }

  @Test
  void namesAndNumberOfVirtualHostsAreBounded() {
    assertThatThrownBy(() -> await(admin.createVirtualHost("")))
        .isInstanceOf(PreconditionFailedException.class);
    assertThatThrownBy(() -> await(admin.createVirtualHost("x".repeat(256))))
        .isInstanceOf(PreconditionFailedException.class);
    await(admin.createVirtualHost("two"));
    await(admin.createVirtualHost("three"));
    assertThatThrownBy(() -> await(admin.createVirtualHost("four")))
        .isInstanceOf(PreconditionFailedException.class)
        .hasMessage("virtual host limit of 3 is reached");
  }

  @Test
  void onlyWhoMayAdministerTheBrokerMakesAndDeletesVirtualHosts() {
    Admin limited = broker.admin(Identity.ofUser("u"));

    assertThatThrownBy(() -> await(limited.createVirtualHost("new")))
        .isInstanceOf(AccessRefusedException.class)
        .hasMessage("administrator access to the broker refused for user 'u'");
    assertThatThrownBy(() -> await(limited.deleteVirtualHost("none")))
        .isInstanceOf(AccessRefusedException.class);
  }

  /** What a store still has. */
  private static final class Leftovers implements MessageStore.Recovery {

    private final List<String> tables = new ArrayList<>();

    @Override
    public void definition(String table, String key, byte[] record) {
      tables.add(table.equals("spelling") ? "spelling of " + key : table);
    }

    @Override
    public void queue(long queueId, long messages) {
      tables.add("messages");
    }
  }
}
