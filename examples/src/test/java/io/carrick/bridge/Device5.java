package io.carrick.bridge;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscribe;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A client of MQTT 5: HiveMQ's. For the test's thread; what arrives comes by HiveMQ's. */
final class Device5 implements AutoCloseable {

  private static final long PATIENCE_MS = 20_000;

  private final Mqtt5AsyncClient client;
  private final Inbox<Mqtt5Publish> inbox;
  private volatile boolean acknowledgesByHand;

  private Device5(Mqtt5AsyncClient client, String clientId) {
    this.client = client;
    this.inbox = new Inbox<>("device " + clientId);
  }

  /** Connects a client whose session ends with its connection. */
  static Device5 connect(InetSocketAddress broker, String clientId) {
    return connect(broker, clientId, Mqtt5Connect.builder().build());
  }

  static Device5 connect(InetSocketAddress broker, String clientId, Mqtt5Connect connect) {
    return connect(builder(broker, clientId).buildAsync(), clientId, connect);
  }

  /** What the client finds in no subscription of its: of a session before, or from a queue. */
  private void unasked(Mqtt5Publish message) {
    if (!acknowledgesByHand) {
      message.acknowledge();
    }
    inbox.add(message);
  }

  private static Device5 connect(Mqtt5AsyncClient client, String clientId, Mqtt5Connect connect) {
    var device = new Device5(client, clientId);
    client.publishes(MqttGlobalPublishFilter.UNSOLICITED, device::unasked, true);
    await(client.connect(connect));
    return device;
  }

  private static Mqtt5ClientBuilder builder(InetSocketAddress broker, String clientId) {
    return Mqtt5Client.builder()
        .identifier(clientId)
        .serverHost(broker.getHostString())
        .serverPort(broker.getPort());
  }

  /** Connects a client that rejects what comes with QoS 1, as it is not implemented (0x83). */
  static Device5 rejecting(InetSocketAddress broker, String clientId, String why) {
    Mqtt5AsyncClient client =
        builder(broker, clientId)
            .advancedConfig()
            .interceptors()
            .incomingQos1Interceptor(
                (config, message, answer) ->
                    answer
                        .reasonCode(Mqtt5PubAckReasonCode.IMPLEMENTATION_SPECIFIC_ERROR)
                        .reasonString(why))
            .applyInterceptors()
            .applyAdvancedConfig()
            .buildAsync();
    return connect(client, clientId, Mqtt5Connect.builder().build());
  }

  /** Returns how to connect to a session that stays, which may be there already. */
  static Mqtt5Connect returning() {
    return Mqtt5Connect.builder().cleanStart(false).noSessionExpiry().build();
  }

  /** Leaves acknowledging to {@link Mqtt5Publish#acknowledge}, of what it subscribes to next. */
  Device5 acknowledgingByHand() {
    acknowledgesByHand = true;
    return this;
  }

  Device5 subscribe(String filter, int qos) {
    return subscribe(
        Mqtt5Subscribe.builder().topicFilter(filter).qos(MqttQos.fromCode(qos)).build());
  }

  /**
   * Subscribes to a queue, whose messages have topics that the client does not find in what it has
   * subscribed to.
   */
  Device5 consume(String queue, int qos) {
    await(
        client.subscribe(
            Mqtt5Subscribe.builder()
                .topicFilter("$queue/" + queue)
                .qos(MqttQos.fromCode(qos))
                .build()));
    return this;
  }

  Device5 subscribe(Mqtt5Subscribe subscribe) {
    await(client.subscribe(subscribe, inbox::add, acknowledgesByHand));
    return this;
  }

  /** Publishes and waits for the acknowledgement that the QoS promises. */
  Mqtt5PublishResult publish(String topic, String text, int qos) {
    return publish(
        Mqtt5Publish.builder()
            .topic(topic)
            .payload(text.getBytes(StandardCharsets.UTF_8))
            .qos(MqttQos.fromCode(qos))
            .build());
  }

  /** Publishes and waits for the acknowledgement that the QoS promises, which may be a refusal. */
  Mqtt5PublishResult publish(Mqtt5Publish message) {
    return await(client.publish(message));
  }

  /** Publishes without waiting. */
  CompletableFuture<Mqtt5PublishResult> send(Mqtt5Publish message) {
    return client.publish(message);
  }

  Mqtt5Publish take() {
    return inbox.take();
  }

  Inbox<Mqtt5Publish> inbox() {
    return inbox;
  }

  static String text(Mqtt5Publish message) {
    return new String(message.getPayloadAsBytes(), StandardCharsets.UTF_8);
  }

  void disconnect() {
    await(client.disconnect());
  }

  private static <T> T await(CompletableFuture<T> answer) {
    return answer.orTimeout(PATIENCE_MS, TimeUnit.MILLISECONDS).join();
  }

  @Override
  public void close() {
    if (client.getState().isConnected()) {
      disconnect();
    }
  }
}
