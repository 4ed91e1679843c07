package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.rabbitmq.client.Delivery;
import io.carrick.amqp.Amqp;
import io.carrick.bridge.Traffic.Manners;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import io.carrick.transport.NettyLoops;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Randomly behaved clients of both protocols for a while, and then the books are checked: nothing
 * lost, nothing twice without its flag, nothing out of order (MAP-12, MAP-16, MAP-17). The seed is
 * in every failure.
 */
class SoakTest {

  private static final Duration LENGTH = Duration.ofSeconds(12);

  /** Far below what a session's queue holds: that it drops its oldest is proved elsewhere. */
  private static final int MOST_EACH = 8_000;

  private static final String CARELESS = "careless";

  @RegisterExtension
  static final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .adapter(Amqp.onAnyPort())
                  .loops(NettyLoops.factory(3)))
          .realTime();

  @RegisterExtension final Clients clients = new Clients(broker);

  private final long seed = new Random().nextLong();
  private final long end = System.nanoTime() + LENGTH.toNanos();

  private boolean goesOn() {
    return System.nanoTime() - end < 0;
  }

  /** True once in so many, by chance. */
  private static IntPredicate sometimes(int oneOf, long seed) {
    var random = new Random(seed);
    return number -> number > 0 && random.nextInt(oneOf) == 0;
  }

  @Test
  @DisplayName("clients that misbehave at random lose nothing of each other's [MAP-12] [MAP-16]")
  void soak() throws Exception {
    IntPredicate more = number -> number < MOST_EACH && goesOn();
    BooleanSupplier whilePublishing = this::goesOn;
    try (var traffic = new Traffic(broker.address("mqtt"), broker.address("amqp"))) {
      traffic.consumeByAmqp("alone", 1, new Manners(15, 1_500, seed));
      traffic.consumeByAmqp("together", 4, new Manners(10, 700, seed + 10));
      traffic.consumeByMqtt("acknowledges-late", new Manners(1, 1_500, seed + 20));
      traffic.consumeByMqtt("vanishes-often", new Manners(1, 300, seed + 30));
      consumeExactlyOnce(traffic);
      traffic.publishByMqtt("device-1", "load/a", more, sometimes(900, seed + 40));
      traffic.publishByMqtt("device-2", "load/%2E/b.c", more, sometimes(900, seed + 50));
      traffic.publishByAmqp("service-1", "load.a", more, sometimes(2_000, seed + 60));
      traffic.publishByAmqp("service-2", "load.x/y.*", more, sometimes(2_000, seed + 70));
      var noise = new Random(seed + 80);
      traffic.besides(() -> comeAndGo(noise), whilePublishing);

      List<String> complaints = traffic.finish();

      assertThat(complaints).as("seed %d: %s", seed, traffic).isEmpty();
      assertThat(traffic.expected()).isGreaterThan(100);
    }
  }

  /** A QoS 2 subscriber behind a connection that breaks: each message once, never flagged. */
  private void consumeExactlyOnce(Traffic traffic) throws Exception {
    CuttableProxy proxy = clients.keep(new CuttableProxy(broker.address("mqtt")));
    Ledger ledger = traffic.ledgerOf("exactly-once", false);
    Mqtt3AsyncClient client =
        Mqtt3Client.builder()
            .identifier("exactly-once")
            .serverHost("127.0.0.1")
            .serverPort(proxy.port())
            .automaticReconnect()
            .initialDelay(1, TimeUnit.MILLISECONDS)
            .maxDelay(50, TimeUnit.MILLISECONDS)
            .applyAutomaticReconnect()
            .buildAsync();
    clients.keep(() -> client.disconnect().exceptionally(gone -> null).join());
    client.connectWith().cleanSession(false).send().get(20, TimeUnit.SECONDS);
    var random = new Random(seed + 90);
    client
        .subscribeWith()
        .topicFilter("load/#")
        .qos(MqttQos.EXACTLY_ONCE)
        .callback(
            message -> {
              boolean mayRepeat = message.getQos() != MqttQos.EXACTLY_ONCE;
              String text = new String(message.getPayloadAsBytes(), StandardCharsets.UTF_8);
              ledger.saw(text, mayRepeat);
              if (random.nextInt(1_000) == 0) {
                proxy.cut();
              }
            })
        .send()
        .get(20, TimeUnit.SECONDS);
  }

  /** A client that stays for a moment, does something careless, and is gone. */
  private void comeAndGo(Random random) throws Exception {
    switch (random.nextInt(4)) {
      case 0 -> {
        try (RawMqtt passer = new RawMqtt(broker.address("mqtt"))) {
          passer.connect(CARELESS, random.nextBoolean());
          passer.subscribe("load/#", random.nextInt(3));
          passer.readOrPing();
        }
      }
      case 1 -> {
        try (Service passer = Service.connect(broker.address("amqp"))) {
          Inbox<Delivery> some = passer.listen("load.#");
          for (int i = random.nextInt(20); i > 0; i--) {
            some.poll();
          }
        }
      }
      case 2 -> {
        byte[] noise = new byte[200];
        random.nextBytes(noise);
        try (RawMqtt rude = new RawMqtt(broker.address("mqtt"))) {
          rude.connect(CARELESS, true);
          rude.send(noise);
        }
      }
      default -> {
        try (Service passer = Service.connect(broker.address("amqp"))) {
          passer.channel.basicPublish("amq.topic", "elsewhere", null, new byte[10]);
          passer.connection.abort();
        }
      }
    }
  }
}
