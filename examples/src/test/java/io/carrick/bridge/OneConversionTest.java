package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.GetResponse;
import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Guarantee;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.transport.NettyLoops;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A message that goes to many consumers of the other protocol is converted once. */
class OneConversionTest {

  private static final int CONSUMERS = 40;

  private final AtomicInteger written = new AtomicInteger();

  private final Broker broker =
      EmbeddedBroker.builder()
          .loops(NettyLoops.factory(1))
          .adapter(Mqtt.onAnyPort())
          .adapter(Amqp.onAnyPort())
          .interceptor(this::counted)
          .start();

  /** Counts how often it is written in another form. */
  private record Counted(MessageProperties origin, AtomicInteger written)
      implements MessageProperties {

    @Override
    public boolean persistent() {
      return origin.persistent();
    }

    @Override
    public Guarantee guarantee() {
      return origin.guarantee();
    }

    @Override
    public Map<String, Object> headers() {
      return Map.of("some", "header");
    }

    @Override
    public Optional<String> appId() {
      written.incrementAndGet();
      return Optional.of("app");
    }
  }

  private Message counted(Message m) {
    return Message.published(
        m.exchange(),
        m.routingKey(),
        new Counted(m.properties(), written),
        m.payload(),
        m.publisher(),
        m.arrivedMs());
  }

  @AfterEach
  void close() {
    broker.close();
  }

  @Test
  void fromMqttToManyConsumersOfAmqp() throws Exception {
    String uri = "tcp://127.0.0.1:" + broker.address("mqtt").getPort();
    try (Service service = Service.connect(broker.address("amqp"));
        Device device = Device.connect(uri, "device", Device.options(true))) {
      for (int i = 0; i < CONSUMERS; i++) {
        service.channel.queueDeclare("q" + i, false, false, false, Map.of());
        service.channel.queueBind("q" + i, "amq.topic", "#");
      }

      device.publish("a.b/c", "one", 1);
      device.publish("a/b", "two", 1);

      // Not one after the other, as they would be if a queue had a consumer already.
      for (String text : new String[] {"one", "two"}) {
        for (int i = 0; i < CONSUMERS; i++) {
          GetResponse got = service.channel.basicGet("q" + i, true);
          assertThat(new String(got.getBody())).isEqualTo(text);
          assertThat(got.getProps().getAppId()).isEqualTo("app");
        }
      }
      assertThat(written).hasValue(2);
    }
  }

  @Test
  void fromThisJvmToManyConsumersOfAmqp() throws Exception {
    try (Service service = Service.connect(broker.address("amqp"));
        Client client = broker.connect()) {
      for (int i = 0; i < CONSUMERS; i++) {
        service.channel.queueDeclare("q" + i, false, false, false, Map.of());
        service.channel.queueBind("q" + i, "amq.fanout", "");
      }

      client.publisher("amq.fanout").publish("k", Message.of("m")).toCompletableFuture().join();

      for (int i = 0; i < CONSUMERS; i++) {
        assertThat(service.channel.basicGet("q" + i, true).getProps().getAppId()).isEqualTo("app");
      }
      assertThat(written).hasValue(1);
    }
  }
}
