package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Delivery;
import io.carrick.amqp.Amqp;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The broker's own topics where MQTT uses an exchange of its own (MAP-7, MAP-37). */
class ReservedTopicsTest {

  private static final String EXCHANGE = "devices";

  @RegisterExtension
  static final BrokerExtension broker =
      BrokerExtension.with(Mqtt.onAnyPort().exchange(EXCHANGE), Amqp.onAnyPort()).realTime();

  @RegisterExtension final Clients clients = new Clients(broker);

  @BeforeEach
  void declareTheExchange() throws Exception {
    clients.service().channel.exchangeDeclare(EXCHANGE, "topic");
  }

  private void publish(Service service, String exchange, String key, boolean retain)
      throws Exception {
    var properties = new AMQP.BasicProperties.Builder();
    if (retain) {
      properties.headers(Map.of("x-mqtt-retain", true));
    }
    service.channel.basicPublish(exchange, key, properties.build(), new byte[1]);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"$SYS.x", "$SYS", "$share.group.x", "$SYS.broker.connection"})
  @DisplayName("AMQP clients may not publish to them on MQTT's exchange: 403 [MAP-7]")
  void amqpMayNotPublishThere(String key) throws Exception {
    Service rude = clients.service();
    publish(rude, EXCHANGE, key, false);
    assertThat(rude.expectChannelClosed()).isEqualTo(AMQP.ACCESS_REFUSED);
  }

  @Test
  @DisplayName("on an exchange that carries no MQTT topics the keys are anybody's [MAP-7]")
  void otherExchangesAreFree() throws Exception {
    Inbox<Delivery> deliveries = clients.service().listen("$SYS.#");
    publish(clients.service(), "amq.topic", "$SYS.x", false);
    assertThat(deliveries.take().getEnvelope().getRoutingKey()).isEqualTo("$SYS.x");
  }

  @Test
  @DisplayName("and nothing is retained by the way of such an exchange [MAP-31]")
  void nothingIsRetainedByAnotherWay() throws Exception {
    Service service = clients.service();
    Inbox<Delivery> deliveries = clients.service().listen("#");
    publish(service, "amq.topic", "$SYS.x", true);
    publish(service, "amq.topic", "other.x", true);
    assertThat(deliveries.take(2)).hasSize(2);
    Device late = clients.device("late").subscribe("other/x", 1);
    publish(service, EXCHANGE, "other.x", false);
    assertThat(late.take().retained()).isFalse();
  }

  private void publishBlind(Service service, String exchange, String key, String blind)
      throws Exception {
    var properties =
        new AMQP.BasicProperties.Builder().headers(Map.of("BCC", List.of(blind))).build();
    service.channel.basicPublish(exchange, key, properties, new byte[1]);
  }

  @Test
  @DisplayName("nor may a further routing key name one [MAP-7]")
  void noFurtherKeyNamesOne() throws Exception {
    Service rude = clients.service();
    publishBlind(rude, EXCHANGE, "x", "$SYS.x");
    assertThat(rude.expectChannelClosed()).isEqualTo(AMQP.ACCESS_REFUSED);
  }

  @Test
  @DisplayName("nor one of a dead letter [MAP-7]")
  void noFurtherKeyOfADeadLetterNamesOne() throws Exception {
    Device watcher = clients.device("watcher").subscribe("$SYS/+", 1).subscribe("seen", 1);
    Service service = clients.service();
    String queue =
        service
            .channel
            .queueDeclare(
                "",
                false,
                true,
                true,
                Map.of("x-max-length", 0, "x-dead-letter-exchange", EXCHANGE))
            .getQueue();
    publishBlind(service, "", queue, "$SYS.x");
    publishBlind(service, "", queue, "seen");
    assertThat(watcher.take().topic()).isEqualTo(queue.replace('.', '/'));
  }

  @Test
  @DisplayName("MQTT clients may not, and both may where bridges say that they are there [MAP-7]")
  void bridgesMaySpeak() throws Exception {
    RawMqtt rude = clients.rawMqtt();
    rude.connect("rude", true);
    rude.publish("$SYS/x", "never", 1, false, 1);
    rude.expectClosed();

    Device watcher = clients.device("watcher").subscribe("$SYS/broker/connection/+/state", 1);
    clients.device("bridge").publish("$SYS/broker/connection/bridge/state", "1", 1);
    assertThat(watcher.take().text()).isEqualTo("1");
    publish(clients.service(), EXCHANGE, "$SYS.broker.connection.service.state", false);
    assertThat(watcher.take().topic()).isEqualTo("$SYS/broker/connection/service/state");
  }
}
