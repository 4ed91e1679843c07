package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.rabbitmq.client.Delivery;
import io.carrick.SessionInfo;
import io.carrick.amqp.Amqp;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Wills of HiveMQ's client for RabbitMQ's, in virtual time (MAP-34). */
class WillsCrossTest {

  private static final int DELAY_S = 60;

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort(), Amqp.onAnyPort());

  @RegisterExtension final Clients clients = new Clients(broker);

  /** Returns how to connect with a will which waits, retained. */
  private static Mqtt5Connect connect(String text, long sessionExpiryS) {
    return Mqtt5Connect.builder()
        .cleanStart(false)
        .sessionExpiryInterval(sessionExpiryS)
        .noKeepAlive()
        .willPublish()
        .topic("wills/device")
        .payload(text.getBytes(StandardCharsets.UTF_8))
        .qos(MqttQos.AT_LEAST_ONCE)
        .retain(true)
        .delayInterval(DELAY_S)
        .contentType("text/plain")
        .responseTopic("wills/answers")
        .applyWillPublish()
        .build();
  }

  /** Connects a device and has its connection end without a goodbye. */
  private void lose(String text, long sessionExpiryS) throws Exception {
    CuttableProxy proxy = clients.keep(new CuttableProxy(broker.address("mqtt")));
    Device5.connect(proxy.address(), "device", connect(text, sessionExpiryS));
    proxy.cut();
    while (broker.broker().sessions().stream().anyMatch(SessionInfo::connected)) {
      broker.settle();
      Thread.onSpinWait();
    }
  }

  @Test
  @DisplayName(
      "a will comes to AMQP when its delay is over, with what it says, and is kept [MAP-34]")
  void aWillComesAfterItsDelay() throws Exception {
    Service service = clients.service();
    Inbox<Delivery> inbox = service.listen("wills.#");
    lose("gone", 1_000);

    broker.advance(Duration.ofSeconds(DELAY_S - 1));
    service.publish("wills.fence", "before");
    assertThat(Service.text(inbox.take())).isEqualTo("before");
    broker.advance(Duration.ofSeconds(1));

    Delivery will = inbox.take();
    assertThat(Service.text(will)).isEqualTo("gone");
    assertThat(will.getEnvelope().getRoutingKey()).isEqualTo("wills.device");
    assertThat(will.getProperties().getDeliveryMode()).isEqualTo(2);
    assertThat(will.getProperties().getContentType()).isEqualTo("text/plain");
    Map<String, Object> headers = will.getProperties().getHeaders();
    assertThat(headers).containsEntry("x-mqtt-retain", true);
    assertThat(headers.get("x-mqtt-response-topic")).hasToString("wills/answers");
    assertThat(headers.get("x-mqtt-client-id")).hasToString("device");
    Mqtt5Connect late = Mqtt5Connect.builder().noKeepAlive().build();
    Mqtt5Publish kept = clients.device5("late", late).subscribe("wills/+", 1).take();
    assertThat(Device5.text(kept)).isEqualTo("gone");
    assertThat(kept.isRetain()).isTrue();
  }

  @Test
  @DisplayName("it comes when the session ends, if that is before [MAP-34]")
  void aWillComesWithTheEndOfItsSession() throws Exception {
    Service service = clients.service();
    Inbox<Delivery> inbox = service.listen("wills.#");
    lose("gone", 10);

    broker.advance(Duration.ofSeconds(9));
    service.publish("wills.fence", "before");
    assertThat(Service.text(inbox.take())).isEqualTo("before");
    broker.advance(Duration.ofSeconds(1));

    assertThat(Service.text(inbox.take())).isEqualTo("gone");
  }

  @Test
  @DisplayName("it does not come if the client is back before [MAP-34]")
  void aWillIsCancelledByItsClient() throws Exception {
    Service service = clients.service();
    Inbox<Delivery> inbox = service.listen("wills.#");
    lose("never", 1_000);

    broker.advance(Duration.ofSeconds(DELAY_S - 1));
    Device5 back = clients.device5("device", connect("never either", 1_000));
    broker.advance(Duration.ofSeconds(DELAY_S));
    back.publish("wills/fence", "back", 1);

    assertThat(Service.text(inbox.take())).isEqualTo("back");
    inbox.expectNothingMore();
  }
}
