package io.carrick.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient.Mqtt5Publishes;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.Mqtt5ReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult.Mqtt5Qos1Result;
import io.carrick.engine.EmbeddedBroker;
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

/** HiveMQ's client against the broker, in MQTT 5. It is strict about what a server may send. */
@Timeout(60)
class HiveMqVersion5ClientTest {

  private static final int MANY = 3_000;

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .authorizer(
                      (who, action, resource) -> !resource.toString().contains("forbidden")))
          .realTime();

  private final List<Mqtt5AsyncClient> clients = new ArrayList<>();

  private Mqtt5BlockingClient client(String id, CompletableFuture<Throwable> farewell) {
    InetSocketAddress address = broker.address("mqtt");
    Mqtt5BlockingClient client =
        Mqtt5Client.builder()
            .identifier(id)
            .serverHost(address.getHostString())
            .serverPort(address.getPort())
            .addDisconnectedListener(gone -> farewell.complete(gone.getCause()))
            .buildBlocking();
    clients.add(client.toAsync());
    return client;
  }

  private Mqtt5BlockingClient connected(String id) {
    Mqtt5BlockingClient client = client(id, new CompletableFuture<>());
    client.connect();
    return client;
  }

  @AfterEach
  void close() {
    for (Mqtt5AsyncClient client : clients) {
      client.disconnect().exceptionally(gone -> null).join();
    }
  }

  private static Mqtt5Publish take(Mqtt5Publishes from) throws InterruptedException {
    return from.receive(10, TimeUnit.SECONDS).orElseThrow();
  }

  private static String text(Mqtt5Publish publish) {
    return new String(publish.getPayloadAsBytes(), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(
      value = MqttQos.class,
      names = {"AT_LEAST_ONCE", "EXACTLY_ONCE"})
  void manyMessagesAtOnceArriveInOrderByAliasesThroughASmallWindow(MqttQos qos) throws Exception {
    Mqtt5BlockingClient subscriber = client("subscriber", new CompletableFuture<>());
    subscriber.connect(
        Mqtt5Connect.builder()
            .restrictions()
            .receiveMaximum(5)
            .topicAliasMaximum(2)
            .applyRestrictions()
            .build());
    try (Mqtt5Publishes arrived = subscriber.publishes(MqttGlobalPublishFilter.ALL)) {
      subscriber.subscribeWith().topicFilter("a/+/c").qos(qos).send();
      Mqtt5AsyncClient publisher = connected("publisher").toAsync();
      var acknowledged = new ArrayList<CompletableFuture<Mqtt5PublishResult>>();
      for (int i = 0; i < MANY; i++) {
        acknowledged.add(
            publisher
                .publishWith()
                .topic("a/" + i % 3 + "/c")
                .qos(qos)
                .payload(bytes("" + i))
                .userProperties()
                .add("number", "" + i)
                .add("number", "again")
                .applyUserProperties()
                .send());
      }
      for (int i = 0; i < MANY; i++) {
        Mqtt5Publish publish = take(arrived);
        assertThat(text(publish)).isEqualTo("" + i);
        assertThat(publish.getTopic()).hasToString("a/" + i % 3 + "/c");
        assertThat(publish.getQos()).isEqualTo(qos);
        assertThat(publish.getUserProperties().asList())
            .extracting(property -> property.getValue().toString())
            .containsExactly("" + i, "again");
      }
      CompletableFuture.allOf(acknowledged.toArray(CompletableFuture[]::new))
          .get(30, TimeUnit.SECONDS);
      assertThat(acknowledged).allMatch(result -> result.join().getError().isEmpty());
    }
  }

  @Test
  void whatIsRefusedIsRefusedWithItsReason() {
    Mqtt5BlockingClient client = connected("c");
    assertThatThrownBy(() -> client.subscribeWith().topicFilter("forbidden/x").send())
        .isInstanceOfSatisfying(
            Mqtt5SubAckException.class,
            e ->
                assertThat(e.getMqttMessage().getReasonCodes())
                    .extracting(Mqtt5ReasonCode::getCode)
                    .containsExactly(0x87));
    assertThatThrownBy(
            () -> client.publishWith().topic("forbidden/x").qos(MqttQos.AT_LEAST_ONCE).send())
        .isInstanceOfSatisfying(
            Mqtt5PubAckException.class,
            e -> assertThat(e.getMqttMessage().getReasonCode().getCode()).isEqualTo(0x87));
    Mqtt5PublishResult unheard =
        client.publishWith().topic("nobody").qos(MqttQos.AT_LEAST_ONCE).send();
    assertThat(((Mqtt5Qos1Result) unheard).getPubAck().getReasonCode().getCode()).isEqualTo(0x10);
  }

  @Test
  void whoIsTakenOverIsToldSo() throws Exception {
    var farewell = new CompletableFuture<Throwable>();
    client("same", farewell).connect();
    connected("same");
    assertThat(farewell.get(10, TimeUnit.SECONDS))
        .isInstanceOfSatisfying(
            Mqtt5DisconnectException.class,
            e ->
                assertThat(e.getMqttMessage().getReasonCode())
                    .isEqualTo(Mqtt5DisconnectReasonCode.SESSION_TAKEN_OVER));
    assertThat(broker.broker().connections()).hasSize(1);
  }

  @Test
  void aRequestIsAnsweredOnItsOwnTopic() throws Exception {
    Mqtt5BlockingClient asking = connected("asking");
    Mqtt5BlockingClient answering = connected("answering");
    try (Mqtt5Publishes answers = asking.publishes(MqttGlobalPublishFilter.ALL);
        Mqtt5Publishes questions = answering.publishes(MqttGlobalPublishFilter.ALL)) {
      answering.subscribeWith().topicFilter("questions").qos(MqttQos.EXACTLY_ONCE).send();
      asking.subscribeWith().topicFilter("answers/asking").qos(MqttQos.EXACTLY_ONCE).send();
      asking
          .publishWith()
          .topic("questions")
          .qos(MqttQos.EXACTLY_ONCE)
          .responseTopic("answers/asking")
          .correlationData(bytes("7"))
          .messageExpiryInterval(100)
          .send();

      Mqtt5Publish question = take(questions);
      assertThat(question.getMessageExpiryInterval().getAsLong()).isBetween(90L, 100L);
      answering
          .publishWith()
          .topic(question.getResponseTopic().orElseThrow())
          .correlationData(question.getCorrelationData().orElse(null))
          .send();
      Mqtt5Publish answer = take(answers);
      assertThat(answer.getCorrelationData().orElseThrow())
          .isEqualTo(java.nio.ByteBuffer.wrap(bytes("7")));
    }
  }

  @Test
  void aWillWaitsForItsDelayAndIsForgottenWhenTheClientComesBack() throws Exception {
    Mqtt5BlockingClient watcher = connected("watcher");
    try (Mqtt5Publishes wills = watcher.publishes(MqttGlobalPublishFilter.ALL)) {
      watcher.subscribeWith().topicFilter("wills/#").send();
      connected("same", "wills/first", 100);
      connected("same", "wills/second", 0); // takes the session over: the first will is forgotten
      connected("same", "wills/third", 100); // the second one had no delay
      assertThat(take(wills).getTopic()).hasToString("wills/second");
      watcher.publishWith().topic("wills/none").send();
      assertThat(take(wills).getTopic()).hasToString("wills/none");
    }
  }

  private void connected(String id, String will, long delaySeconds) {
    client(id, new CompletableFuture<>())
        .connect(
            Mqtt5Connect.builder()
                .cleanStart(false)
                .sessionExpiryInterval(1_000)
                .willPublish()
                .topic(will)
                .delayInterval(delaySeconds)
                .applyWillPublish()
                .build());
  }
}
