package io.carrick.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient.Mqtt3Publishes;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import io.carrick.testing.BrokerExtension;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** HiveMQ's client against the broker. */
@Timeout(60)
class HiveMqClientTest {

  private static final int MANY = 5_000;

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort()).realTime();

  private final List<Mqtt3AsyncClient> clients = new ArrayList<>();

  private Mqtt3BlockingClient connected(String id) {
    return connected(id, () -> {});
  }

  private Mqtt3BlockingClient connected(String id, Runnable whenDisconnected) {
    InetSocketAddress address = broker.address("mqtt");
    Mqtt3BlockingClient client =
        Mqtt3Client.builder()
            .identifier(id)
            .serverHost(address.getHostString())
            .serverPort(address.getPort())
            .addDisconnectedListener(disconnected -> whenDisconnected.run())
            .buildBlocking();
    client.connect();
    clients.add(client.toAsync());
    return client;
  }

  @AfterEach
  void close() {
    for (Mqtt3AsyncClient client : clients) {
      // The broker may have ended it, which the client's state shows a moment later.
      client.disconnect().exceptionally(gone -> null).join();
    }
  }

  private static Mqtt3Publish take(Mqtt3Publishes from) throws InterruptedException {
    return from.receive(10, TimeUnit.SECONDS).orElseThrow();
  }

  private static String text(Mqtt3Publish publish) {
    return new String(publish.getPayloadAsBytes(), StandardCharsets.UTF_8);
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(
      value = MqttQos.class,
      names = {"AT_LEAST_ONCE", "EXACTLY_ONCE"})
  void manyMessagesAtOnceArriveInOrder(MqttQos qos) throws Exception {
    Mqtt3BlockingClient subscriber = connected("subscriber");
    try (Mqtt3Publishes arrived = subscriber.publishes(MqttGlobalPublishFilter.ALL)) {
      subscriber.subscribeWith().topicFilter("a/+/c").qos(qos).send();
      Mqtt3AsyncClient publisher = connected("publisher").toAsync();
      var acknowledged = new ArrayList<CompletableFuture<?>>();
      for (int i = 0; i < MANY; i++) {
        acknowledged.add(
            publisher
                .publishWith()
                .topic("a/b/c")
                .qos(qos)
                .payload(("" + i).getBytes(StandardCharsets.UTF_8))
                .send());
      }
      CompletableFuture.allOf(acknowledged.toArray(CompletableFuture[]::new))
          .get(30, TimeUnit.SECONDS);
      for (int i = 0; i < MANY; i++) {
        Mqtt3Publish publish = take(arrived);
        assertThat(text(publish)).isEqualTo("" + i);
        assertThat(publish.getQos()).isEqualTo(qos);
      }
    }
  }

  @Test
  void aRetainedMessageComesAndGoes() throws Exception {
    Mqtt3BlockingClient client = connected("c");
    client
        .publishWith()
        .topic("state")
        .retain(true)
        .qos(MqttQos.AT_LEAST_ONCE)
        .payload("on".getBytes(StandardCharsets.UTF_8))
        .send();
    try (Mqtt3Publishes arrived = client.publishes(MqttGlobalPublishFilter.ALL)) {
      client.subscribeWith().topicFilter("state").send();
      Mqtt3Publish publish = take(arrived);
      assertThat(publish.isRetain()).isTrue();
      assertThat(text(publish)).isEqualTo("on");
      client.publishWith().topic("state").retain(true).qos(MqttQos.AT_LEAST_ONCE).send();
      assertThat(take(arrived).getPayload()).isEmpty();
    }
    Mqtt3BlockingClient late = connected("late");
    try (Mqtt3Publishes arrived = late.publishes(MqttGlobalPublishFilter.ALL)) {
      late.subscribeWith().topicFilter("#").send();
      client.publishWith().topic("later").send();
      assertThat(take(arrived).getTopic()).hasToString("later");
    }
  }

  @Test
  void aTakenOverClientIsDisconnected() throws Exception {
    var lost = new CompletableFuture<Boolean>();
    connected("same", () -> lost.complete(true));
    connected("same");
    assertThat(lost.get(10, TimeUnit.SECONDS)).isTrue();
    assertThat(broker.broker().connections()).hasSize(1);
  }
}
