package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Admin;
import io.carrick.Binding;
import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.ConnectionInfo;
import io.carrick.Delivery;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.Metrics;
import io.carrick.Overflow;
import io.carrick.Page;
import io.carrick.Publisher;
import io.carrick.Publisher.Outcome;
import io.carrick.QueueDetails;
import io.carrick.QueueInfo;
import io.carrick.QueueOptions;
import io.carrick.Referral;
import io.carrick.Selection;
import io.carrick.Source;
import io.carrick.Subscription;
import io.carrick.Topology;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What docs/embedding.md shows, and docs/mqtt.md. */
class EmbeddingTest {

  private static final LinkedBlockingQueue<String> handled = new LinkedBlockingQueue<>();

  private static void handle(Message order) {
    handled.add(order.text());
  }

  private static String handledNext() throws InterruptedException {
    return String.valueOf(handled.poll(10, TimeUnit.SECONDS));
  }

  @Test
  void aBrokerIsDescribedThenStarted() {
    // snippet
    Broker broker =
        EmbeddedBroker.builder()
            .adapter(Mqtt.onAnyPort())
            .adapter(Amqp.onAnyPort().host("127.0.0.1"))
            .virtualHost("factory")
            .limits(Limits.defaults().with(Limit.MESSAGE_BYTES, 1 << 20))
            .start();
    InetSocketAddress mqtt = broker.address("mqtt");
    // end
    assertThat(mqtt.getPort()).isPositive();
    broker.close();
  }

  @Test
  void theAdapterIsToldWhatSessionsKeep() {
    // snippet
    Mqtt mqtt =
        Mqtt.onAnyPort()
            .sessionQueues(
                QueueOptions.none()
                    .maxLength(1_000)
                    .messageTtl(Duration.ofDays(1))
                    .deadLetterTo("too-late"));
    // end
    EmbeddedBroker.builder().adapter(mqtt).start().close();
  }

  @Test
  void clientsGetLessThanMqttHas() {
    // snippet
    Mqtt careful =
        Mqtt.onAnyPort()
            .keepAlive(Duration.ofMinutes(5))
            .sessionExpiry(Duration.ofDays(14))
            .maximumQos(1)
            .retain(false)
            .emptyClientIds(false);
    // end
    EmbeddedBroker.builder().adapter(careful).start().close();
  }

  @Test
  void aProgramDeclaresPublishesAndConsumes() throws InterruptedException {
    try (Broker broker = EmbeddedBroker.builder().start()) {
      // snippet
      Client client = broker.connect();
      Topology topology = client.topology();
      topology.exchange("orders", "direct").durable().declare();
      topology.queue("to-ship").durable().declare();
      topology.bind(Binding.of("orders", "to-ship", "paid"));
      // end

      // snippet
      topology.queue("failed").durable().declare();
      topology
          .queue("to-invoice")
          .durable()
          .maxLength(100_000)
          .overflow(Overflow.REJECT_PUBLISH)
          .messageTtl(Duration.ofDays(1))
          .deliveryLimit(5)
          .deadLetterTo("", "failed")
          .declare();
      // end

      // snippet
      topology.exchange("unroutable", "fanout").durable().declare();
      topology.exchange("payments", "direct").durable().alternate("unroutable").declare();
      topology
          .queue("to-pay")
          .quorum()
          .deadLetterTo("", "failed")
          .deadLetterAtLeastOnce()
          .declare();
      topology
          .queue("to-mail")
          .durable()
          .maxPriority(5)
          .consumerTimeout(Duration.ofMinutes(30))
          .expires(Duration.ofDays(30))
          .declare();
      // end

      // snippet
      Publisher orders = client.publisher("orders");
      CompletionStage<Outcome> report =
          orders.publish("paid", Message.builder("order 17").persistent().build());
      report.thenAccept(outcome -> System.out.println("the broker has it: " + outcome));
      orders.send("paid", Message.of("order 18")); // no report
      // end
      assertThat(report.toCompletableFuture().join()).isEqualTo(Outcome.ROUTED);

      // snippet
      Subscription shipping =
          client
              .consumer(Source.queue("to-ship"))
              .prefetch(10)
              .start(delivery -> handle(delivery.message()));
      // end
      assertThat(handledNext()).isEqualTo("order 17");
      assertThat(handledNext()).isEqualTo("order 18");
      shipping.close();
      client.close();
    }
  }

  @Test
  void aProgramSettlesByItself() throws InterruptedException {
    try (Broker broker = EmbeddedBroker.builder().start();
        Client client = broker.connect()) {
      client.topology().queue("to-ship").declare();
      client.publisher("").publish("to-ship", Message.of("order 19")).toCompletableFuture().join();
      // snippet
      client
          .consumer(Source.queue("to-ship"))
          .manual()
          .start(
              delivery -> {
                if (delivery.redelivered()) {
                  delivery.reject(); // tried once already: give it up
                } else {
                  handle(delivery.message());
                  delivery.accept();
                }
              });
      // end
      assertThat(handledNext()).isEqualTo("order 19");
    }
  }

  @Test
  void aProgramTakesOneMessage() {
    try (Broker broker = EmbeddedBroker.builder().start();
        Client client = broker.connect()) {
      client.topology().queue("to-ship").declare();
      client.publisher("").publish("to-ship", Message.of("order 20")).toCompletableFuture().join();
      // snippet
      Optional<Delivery> next = client.poll("to-ship");
      next.ifPresent(Delivery::accept);
      // end
      assertThat(next).map(delivery -> delivery.message().text()).contains("order 20");
    }
  }

  @Test
  void aBrokerTellsWhatIsInIt() {
    try (Broker broker = EmbeddedBroker.builder().start();
        Client client = broker.connect()) {
      client.topology().queue("to-ship").declare();
      // snippet
      Metrics metrics = broker.metrics();
      long published = metrics.value("messages.published");
      long lost = metrics.dropped("slow-consumer");
      for (QueueInfo queue : broker.queues()) {
        System.out.println(queue.name() + " " + queue.ready() + " ready");
      }
      for (ConnectionInfo connection : broker.connections()) {
        broker.closeConnection(connection.id(), "maintenance");
      }
      // end
      assertThat(published + lost).isZero();
    }
  }

  @Test
  void anAdministratorSeesAndChangesWhatIsThere() {
    try (Broker broker = EmbeddedBroker.builder().start();
        Client client = broker.connect()) {
      client.topology().queue("to-ship").declare();
      // snippet
      Admin admin = broker.admin();
      Selection orders = Selection.everything().in("/").startingWith("to-").limit(500);
      Page<QueueDetails> page = admin.queues(orders).toCompletableFuture().join();
      for (QueueDetails queue : page.items()) {
        System.out.println(queue.definition() + " " + queue.info().ready() + " ready");
      }
      Optional<Selection> rest = page.next().map(orders::from);
      CompletionStage<Long> purged = admin.purge("/", "to-ship");
      CompletionStage<Void> tenant = admin.createVirtualHost("tenant-7");
      // end
      assertThat(page.items()).hasSize(1);
      assertThat(rest).isEmpty();
      assertThat(purged.toCompletableFuture().join()).isZero();
      tenant.toCompletableFuture().join();
      broker.connect("tenant-7").close();
    }
  }

  @Test
  void aBrokerStopsInOrder() {
    Broker broker = EmbeddedBroker.builder().adapter(Mqtt.onAnyPort()).start();
    // snippet
    boolean everythingDone = broker.drain(Duration.ofSeconds(10));
    broker.close();
    // end
    assertThat(everythingDone).isTrue();
  }

  @Test
  void aBrokerSendsItsClientsElsewhere() {
    Broker broker = EmbeddedBroker.builder().adapter(Mqtt.onAnyPort()).start();
    // snippet
    boolean everybodyGone =
        broker.drain(Duration.ofSeconds(30), Referral.to("standby.example.org:8883"));
    broker.close();
    // end
    assertThat(everybodyGone).isTrue();
  }

  @Test
  void twoBrokersInOneJvmDoNotMeet() {
    // snippet
    try (Broker one = EmbeddedBroker.builder().adapter(Mqtt.onAnyPort()).start();
        Broker two = EmbeddedBroker.builder().adapter(Mqtt.onAnyPort()).start();
        Client clientOfOne = one.connect();
        Client clientOfTwo = two.connect()) {
      clientOfOne.topology().queue("jobs").declare();
      assertThat(clientOfTwo.topology().find("jobs")).isEmpty();
    }
    // end
  }
}
