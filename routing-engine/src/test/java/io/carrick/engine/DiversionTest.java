package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.AccessRefusedException;
import io.carrick.Binding;
import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.RoutingKey;
import io.carrick.engine.loop.ManualLoops;
import io.carrick.spi.Attachment;
import io.carrick.spi.Authorizer;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import io.carrick.spi.Resource;
import io.carrick.spi.Transaction;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reserved addresses of which an adapter says that messages to them are for somewhere else. */
class DiversionTest {

  private final ManualLoops loops = new ManualLoops();
  private final PortAdapter adapter = new PortAdapter();
  private final List<Resource> asked = new ArrayList<>();
  private final List<String> intercepted = new ArrayList<>();
  private Broker broker;
  private TestClient client;

  private final Authorizer authorizer =
      (Identity who, Authorizer.Action action, Resource what) -> {
        asked.add(what);
        return true;
      };

  @BeforeEach
  void start() {
    broker =
        EmbeddedBroker.builder()
            .loops(prefix -> loops)
            .adapter(adapter)
            .authorizer(authorizer)
            .interceptor(
                message -> {
                  intercepted.add(message.exchange() + ":" + message.routingKey());
                  return message;
                })
            .start();
    adapter.adapters().reserveEverywhere("amq.topic", key -> key.asKey().startsWith("$to"));
    adapter.adapters().divertEverywhere("amq.topic", DiversionTest::divert);
    adapter.adapters().divertEverywhere("amq.topic", (host, message) -> null);
    client = new TestClient(adapter.adapters(), loops, loops.first, "c");
    client.declare("q");
    asked.clear();
  }

  /** Sends {@code $to.q} to the queue, and {@code $to..key} to an exchange. */
  private static Message divert(String virtualHost, Message message) {
    String to = message.routingKey().asKey().substring("$to.".length());
    if (to.startsWith(".")) {
      RoutingKey key = RoutingKey.ofKey(to.substring(1));
      return message.addressed("amq.topic", key, message.publisher(), message.arrivedMs());
    }
    return to.equals("q")
        ? message.addressed("", RoutingKey.ofKey(to), message.publisher(), message.arrivedMs())
        : null;
  }

  @AfterEach
  void close() {
    broker.close();
  }

  private String inQueue() {
    return inQueue("/");
  }

  private String inQueue(String virtualHost) {
    try (Client program = broker.connect(virtualHost)) {
      return program.poll("q").map(got -> got.message().text()).orElse("");
    }
  }

  @Test
  void whatIsDivertedNeedsNoPermissionAndIsInterceptedAsWhatItBecomes() {
    client.publish("amq.topic", "$to.q", "1");

    assertThat(asked).isEmpty();
    assertThat(intercepted).containsExactly(":q");
    assertThat(client.told).contains("accepted 1-1");
    assertThat(inQueue()).isEqualTo("1");
  }

  @Test
  void toAnotherExchangeItNeedsWhatItWouldNeedThere() {
    client.bind(Binding.of("amq.topic", "q", "a.b"));
    asked.clear();
    client.publish("amq.topic", "$to..a.b", "1");

    assertThat(asked)
        .containsExactly(
            Resource.exchange("/", "amq.topic"), Resource.topic("/", "amq.topic", "a.b"));
    assertThat(inQueue()).isEqualTo("1");
  }

  @Test
  void nothingIsDivertedTwice() {
    assertThatThrownBy(() -> client.publish("amq.topic", "$to..$to.q", "1"))
        .isInstanceOf(AccessRefusedException.class);
    assertThatThrownBy(() -> client.publish("amq.topic", "$to..$to.other", "1"))
        .isInstanceOf(AccessRefusedException.class);
  }

  @Test
  void whatNobodyDivertsIsRefused() {
    assertThatThrownBy(() -> client.publish("amq.topic", "$to.other", "1"))
        .isInstanceOf(AccessRefusedException.class);
    assertThat(broker.metrics().value("messages.refused")).isEqualTo(1);
  }

  @Test
  void atOtherExchangesItIsAKeyLikeAnyOther() {
    client.publish("amq.direct", "$to.q", "1");

    assertThat(intercepted).containsExactly("amq.direct:$to.q");
  }

  @Test
  void aTransactionDivertsItAtItsCommit() {
    Transaction transaction = client.openTransaction(returned -> {});
    Message message = client.message("amq.topic", "$to.q", MessageProperties.NONE, "1");
    client.act(p -> transaction.publish(message, false));
    assertThat(inQueue()).isEmpty();

    client.ask((Attachment p, Completion<Done> done) -> transaction.commit(done));

    assertThat(inQueue()).isEqualTo("1");
  }

  private void later(Message message) {
    client.ask((Attachment p, Completion<Done> done) -> p.schedulePublish("w", message, 9, done));
  }

  @Test
  void nothingIsDivertedLater() {
    Message will = client.message("amq.topic", "$to.q", MessageProperties.NONE, "1");

    assertThatThrownBy(() -> client.act(p -> p.checkPublish(will)))
        .isInstanceOf(AccessRefusedException.class);
    assertThatThrownBy(() -> later(will)).isInstanceOf(AccessRefusedException.class);
  }

  @Test
  void aVirtualHostThatComesLaterDivertsAsWell() {
    loops.await(broker.admin().createVirtualHost("later").toCompletableFuture());
    var there = new TestClient(adapter.adapters(), loops, loops.first, "d", "later");
    there.declare("q");

    there.publish("amq.topic", "$to.q", "1");

    assertThat(inQueue("later")).isEqualTo("1");
  }
}
