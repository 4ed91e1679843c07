package io.carrick.examples.tour;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishBuilder;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAckReasonCode;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A client of MQTT 5: HiveMQ's. Thread-safe. */
final class Device implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 20;
  private static final long A_DAY_SECONDS = TimeUnit.DAYS.toSeconds(1);

  private final Mqtt5AsyncClient client;
  private final BlockingQueue<Mqtt5Publish> inbox = new LinkedBlockingQueue<>();

  /** Takes what comes; called in the client's thread. */
  private volatile Consumer<Mqtt5Publish> with = inbox::add;

  private Device(Mqtt5AsyncClient client, Mqtt5Connect connect) {
    this.client = client;
    // By its filter a listener would not get what comes from a queue, with a topic of its own.
    client.publishes(MqttGlobalPublishFilter.ALL, message -> with.accept(message));
    await(client.connect(connect));
  }

  static Device connect(InetSocketAddress broker, String clientId) {
    return new Device(builder(broker, clientId).buildAsync(), Mqtt5Connect.builder().build());
  }

  static Device connectForADay(InetSocketAddress broker, String clientId) {
    return new Device(
        builder(broker, clientId).buildAsync(),
        Mqtt5Connect.builder().cleanStart(false).sessionExpiryInterval(A_DAY_SECONDS).build());
  }

  static Device connectToReject(InetSocketAddress broker, String clientId, String why) {
    Mqtt5AsyncClient rejecting =
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
    return new Device(rejecting, Mqtt5Connect.builder().build());
  }

  private static Mqtt5ClientBuilder builder(InetSocketAddress broker, String clientId) {
    return Mqtt5Client.builder()
        .identifier(clientId)
        .serverHost(broker.getHostString())
        .serverPort(broker.getPort());
  }

  /** Subscribes with QoS 1; what comes is for {@link #take}, or for {@link #does}. */
  Device subscribe(String filter) {
    await(client.subscribeWith().topicFilter(filter).qos(MqttQos.AT_LEAST_ONCE).send());
    return this;
  }

  /** Does something with all that comes from now on, in the client's thread. */
  Device does(Consumer<Mqtt5Publish> something) {
    with = something;
    return this;
  }

  /** Starts a message with QoS 1. */
  static Mqtt5PublishBuilder.Complete message(String topic, String text) {
    return Mqtt5Publish.builder()
        .topic(topic)
        .qos(MqttQos.AT_LEAST_ONCE)
        .payload(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Publishes and waits for the acknowledgement. */
  void publish(String topic, String text) {
    publish(message(topic, text).build());
  }

  /** Publishes and waits for the acknowledgement. */
  void publish(Mqtt5Publish message) {
    await(client.publish(message));
  }

  /** Publishes from the client's own thread, which must not wait. */
  void answers(Mqtt5Publish request, String text) {
    String topic = request.getResponseTopic().orElseThrow().toString();
    Mqtt5PublishBuilder.Complete answer =
        message(topic, text).correlationData(request.getCorrelationData().orElse(null));
    var unused = client.publish(answer.build()); // the service hears of it, or nobody
  }

  /** Returns the next message that was subscribed to. */
  Mqtt5Publish take() throws InterruptedException {
    Mqtt5Publish next = inbox.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (next == null) {
      throw new IllegalStateException("nothing has come to " + client.getConfig());
    }
    return next;
  }

  static String text(Mqtt5Publish message) {
    return new String(message.getPayloadAsBytes(), StandardCharsets.UTF_8);
  }

  /** Returns the value of a user property; empty if there is none. */
  static String property(Mqtt5Publish message, String name) {
    return message.getUserProperties().asList().stream()
        .filter(property -> property.getName().toString().equals(name))
        .map(property -> property.getValue().toString())
        .findFirst()
        .orElse("");
  }

  private static <T> T await(CompletableFuture<T> answer) {
    return answer.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    if (client.getState().isConnected()) {
      await(client.disconnect());
    }
  }
}
