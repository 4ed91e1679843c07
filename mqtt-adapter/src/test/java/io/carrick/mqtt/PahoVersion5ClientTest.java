package io.carrick.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.ConnectionInfo;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.MqttToken;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Eclipse Paho's Java client of MQTT 5 against the broker. */
@Timeout(60)
class PahoVersion5ClientTest {

  /** It tells every PUBREL, and refusals as errors. Held here, or it would be forgotten. */
  private static final Logger PAHO = Logger.getLogger("org.eclipse.paho.mqttv5");

  static {
    PAHO.setLevel(Level.OFF);
  }

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .authorizer(
                      (who, action, resource) -> !resource.toString().contains("forbidden")))
          .realTime();

  private final List<MqttClient> clients = new ArrayList<>();

  /** What a client was told. */
  private static final class Heard implements MqttCallback {

    final BlockingQueue<MqttMessage> messages = new LinkedBlockingQueue<>();
    final BlockingQueue<Integer> farewells = new LinkedBlockingQueue<>();

    @Override
    public void disconnected(MqttDisconnectResponse response) {
      farewells.add(response.getReturnCode());
    }

    @Override
    public void mqttErrorOccurred(MqttException exception) {}

    @Override
    public void messageArrived(String topic, MqttMessage message) {
      messages.add(message);
    }

    @Override
    public void deliveryComplete(IMqttToken token) {}

    @Override
    public void connectComplete(boolean reconnect, String server) {}

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {}
  }

  @AfterEach
  void close() throws MqttException {
    for (MqttClient client : clients) {
      if (client.isConnected()) {
        client.disconnectForcibly(100, 100);
      }
      client.close(true);
    }
  }

  private MqttClient client(String id, Heard heard) throws MqttException {
    var client = new MqttClient(broker.url("tcp", "mqtt"), id, new MemoryPersistence());
    client.setTimeToWait(10_000);
    client.setCallback(heard);
    clients.add(client);
    return client;
  }

  private MqttClient connected(String id, Heard heard) throws MqttException {
    MqttClient client = client(id, heard);
    client.connect();
    return client;
  }

  private static MqttMessage message(String text, int qos) {
    var message = new MqttMessage(text.getBytes(StandardCharsets.UTF_8));
    message.setQos(qos);
    message.setProperties(new MqttProperties());
    return message;
  }

  private static <T> T take(BlockingQueue<T> from) throws InterruptedException {
    T next = from.poll(10, TimeUnit.SECONDS);
    assertThat(next).as("something within ten seconds").isNotNull();
    return next;
  }

  private static String text(MqttMessage message) {
    return new String(message.getPayload(), StandardCharsets.UTF_8);
  }

  @Test
  void everyQosArrivesOnceWithItsProperties() throws Exception {
    var heard = new Heard();
    connected("subscriber", heard).subscribe("sensors/+/t", 2);
    MqttClient publisher = connected("publisher", new Heard());
    for (int qos = 0; qos <= 2; qos++) {
      MqttMessage message = message("q" + qos, qos);
      MqttProperties properties = message.getProperties();
      properties.setPayloadFormat(true);
      properties.setContentType("text/plain");
      properties.setResponseTopic("answers/1");
      properties.setCorrelationData(new byte[] {1, 0, 2});
      properties.setUserProperties(
          List.of(
              new UserProperty("b", "1"), new UserProperty("a", ""), new UserProperty("b", "2")));
      publisher.publish("sensors/a/t", message);
    }
    for (int qos = 0; qos <= 2; qos++) {
      MqttMessage message = take(heard.messages);
      assertThat(text(message)).isEqualTo("q" + qos);
      assertThat(message.getQos()).isEqualTo(qos);
      MqttProperties properties = message.getProperties();
      assertThat(properties.getPayloadFormat()).isTrue();
      assertThat(properties.getContentType()).isEqualTo("text/plain");
      assertThat(properties.getResponseTopic()).isEqualTo("answers/1");
      assertThat(properties.getCorrelationData()).containsExactly(1, 0, 2);
      assertThat(properties.getUserProperties())
          .extracting(p -> p.getKey() + "=" + p.getValue())
          .containsExactly("b=1", "a=", "b=2");
    }
    assertThat(broker.broker().connections())
        .extracting(ConnectionInfo::protocol)
        .containsOnly("MQTT 5.0");
  }

  @Test
  void manyQos2MessagesArriveInOrderThroughASmallWindowByAliases() throws Exception {
    var heard = new Heard();
    MqttClient subscriber = client("subscriber", heard);
    var options = new MqttConnectionOptions();
    options.setReceiveMaximum(3);
    options.setTopicAliasMaximum(2);
    subscriber.connect(options);
    subscriber.subscribe("t/#", 2);
    MqttClient publisher = connected("publisher", new Heard());
    for (int i = 0; i < 500; i++) {
      publisher.publish("t/" + i % 4, message("" + i, 2));
    }
    for (int i = 0; i < 500; i++) {
      assertThat(text(take(heard.messages))).isEqualTo("" + i);
    }
    assertThat(heard.messages).isEmpty();
  }

  @Test
  void aSessionLivesAsLongAsItsClientSaid() throws Exception {
    var options = new MqttConnectionOptions();
    options.setCleanStart(false);
    options.setSessionExpiryInterval(600L);
    MqttClient away = client("away", new Heard());
    away.connect(options);
    away.subscribe("t", 1);
    away.disconnect();
    MqttClient publisher = connected("publisher", new Heard());
    for (int i = 0; i < 100; i++) {
      publisher.publish("t", message("" + i, 1));
    }
    var heard = new Heard();
    MqttClient back = client("away", heard);
    assertThat(back.connectWithResult(options).getSessionPresent()).isTrue();
    for (int i = 0; i < 100; i++) {
      assertThat(text(take(heard.messages))).isEqualTo("" + i);
    }
    back.disconnect();
    options.setSessionExpiryInterval(0L);
    back.connect(options);
    back.disconnect();
    assertThat(client("away", new Heard()).connectWithResult(options).getSessionPresent())
        .isFalse();
  }

  @Test
  void noLocalKeepsOnesOwnAndRetainIsAsPublished() throws Exception {
    var heard = new Heard();
    MqttClient both = connected("both", heard);
    var own = new MqttSubscription("own", 1);
    own.setNoLocal(true);
    var kept = new MqttSubscription("kept", 1);
    kept.setRetainAsPublished(true);
    both.subscribe(new MqttSubscription[] {own, kept});
    both.publish("own", message("mine", 1));
    MqttMessage retained = message("kept", 1);
    retained.setRetained(true);
    both.publish("kept", retained);
    connected("other", new Heard()).publish("own", message("other's", 1));

    MqttMessage first = take(heard.messages);
    assertThat(text(first)).isEqualTo("kept");
    assertThat(first.isRetained()).isTrue();
    assertThat(text(take(heard.messages))).isEqualTo("other's");
  }

  @Test
  void aRetainedMessageIsNotSentAgainToASubscriptionThatWasThere() throws Exception {
    MqttMessage retained = message("on", 1);
    retained.setRetained(true);
    connected("publisher", new Heard()).publish("state", retained);
    var heard = new Heard();
    MqttClient subscriber = connected("subscriber", heard);
    var onlyNew = new MqttSubscription("state", 1);
    onlyNew.setRetainHandling(1);
    for (int i = 0; i < 2; i++) {
      subscriber.subscribe(new MqttSubscription[] {onlyNew});
    }
    subscriber.publish("state", message("live", 1));
    assertThat(text(take(heard.messages))).isEqualTo("on");
    assertThat(text(take(heard.messages))).isEqualTo("live");
  }

  private static int answer(MqttClient client, String topic, int qos) throws MqttException {
    MqttToken published = client.getTopic(topic).publish(message("x", qos));
    published.waitForCompletion(10_000);
    return published.getReasonCodes()[0];
  }

  @Test
  void whatIsRefusedIsRefusedWithItsReasonAndTheConnectionStays() throws Exception {
    MqttClient client = connected("c", new Heard());
    IMqttToken granted = client.subscribe(new String[] {"a", "forbidden/x"}, new int[] {1, 1});
    assertThat(granted.getReasonCodes()).containsExactly(0x01, 0x87);
    assertThat(answer(client, "forbidden/x", 1)).isEqualTo(0x87);
    assertThat(answer(client, "nobody", 1)).isEqualTo(0x10);
    assertThat(answer(client, "nobody", 2)).isEqualTo(0x10);
    assertThat(answer(client, "a", 1)).isZero();
    assertThat(client.isConnected()).isTrue();
    assertThatThrownBy(() -> answer(client, "forbidden/x", 2)) // on which Paho ends the connection
        .isInstanceOfSatisfying(
            MqttException.class, e -> assertThat(e.getReasonCode()).isEqualTo(0x87));
  }

  @Test
  void whoIsTakenOverIsToldSo() throws Exception {
    var first = new Heard();
    connected("same", first);
    connected("same", new Heard());
    assertThat(take(first.farewells)).isEqualTo(0x8E);
  }

  @Test
  void aWillComesWithItsPropertiesWhenItsClientIsCutOff() throws Exception {
    var heard = new Heard();
    connected("watcher", heard).subscribe("wills/#", 1);
    var options = new MqttConnectionOptions();
    options.setWill("wills/dying", message("gone", 1));
    var properties = new MqttProperties();
    properties.setContentType("text/plain");
    properties.setUserProperties(List.of(new UserProperty("why", "battery")));
    options.setWillMessageProperties(properties);
    MqttClient dying = client("dying", new Heard());
    dying.connect(options);
    dying.disconnectForcibly(0, 0, false);

    MqttMessage will = take(heard.messages);
    assertThat(text(will)).isEqualTo("gone");
    assertThat(will.getProperties().getContentType()).isEqualTo("text/plain");
    assertThat(will.getProperties().getUserProperties())
        .extracting(UserProperty::getValue)
        .containsExactly("battery");
  }

  @Test
  void aMessageThatIsTooLargeForAClientIsNotForIt() throws Exception {
    var heard = new Heard();
    MqttClient small = client("small", heard);
    var options = new MqttConnectionOptions();
    options.setMaximumPacketSize(100L);
    small.connect(options);
    small.subscribe("t", 1);
    MqttClient publisher = connected("publisher", new Heard());
    publisher.publish("t", message("x".repeat(200), 1));
    publisher.publish("t", message("fits", 1));
    assertThat(text(take(heard.messages))).isEqualTo("fits");
  }

  @Test
  void whoGivesNoNameIsGivenOne() throws Exception {
    MqttClient client = client("", new Heard());
    IMqttToken connected = client.connectWithResult(new MqttConnectionOptions());
    assertThat(connected.getResponseProperties().getAssignedClientIdentifier()).isNotEmpty();
    assertThat(broker.broker().sessions())
        .singleElement()
        .satisfies(
            session ->
                assertThat(session.name())
                    .isEqualTo(connected.getResponseProperties().getAssignedClientIdentifier()));
  }
}
