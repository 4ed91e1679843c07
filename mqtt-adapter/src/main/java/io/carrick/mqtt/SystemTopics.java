package io.carrick.mqtt;

import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.Metrics;
import io.carrick.spi.Loop;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Publishes how the broker is as retained messages below {@code $SYS/broker}, those that have
 * changed, with the names that mosquitto's users know. Confined to one loop.
 */
final class SystemTopics {

  private static final String ROOT = "$SYS/broker/";

  private static final String VERSION = version();

  /** What is lost for want of room. */
  private static final List<String> FOR_WANT_OF_ROOM =
      List.of("session-full", "slow-consumer", "max-length", "queue-full");

  private final MqttServer server;
  private final Loop loop;
  private final long intervalMs;
  private final long startNanos;
  private long lastNanos;
  private long mostHeap;

  /** What was published last. */
  private final Map<String, String> published = new HashMap<>();

  private final LoadAverage packetsReceived = new LoadAverage("load/messages/received");
  private final LoadAverage packetsSent = new LoadAverage("load/messages/sent");
  private final LoadAverage publishesReceived = new LoadAverage("load/publish/received");
  private final LoadAverage publishesSent = new LoadAverage("load/publish/sent");
  private final LoadAverage publishesDropped = new LoadAverage("load/publish/dropped");
  private final LoadAverage bytesReceived = new LoadAverage("load/bytes/received");
  private final LoadAverage bytesSent = new LoadAverage("load/bytes/sent");
  private final LoadAverage sockets = new LoadAverage("load/sockets");
  private final LoadAverage connections = new LoadAverage("load/connections");

  private SystemTopics(MqttServer server, Loop loop, Duration interval) {
    this.server = server;
    this.loop = loop;
    this.intervalMs = interval.toMillis();
    this.startNanos = loop.nanoTime();
    this.lastNanos = startNanos;
  }

  private static String version() {
    String version = Mqtt.class.getPackage().getImplementationVersion();
    return version == null ? "carrick" : "carrick version " + version;
  }

  /** Publishes in one of the broker's loops, now and then after each interval. */
  static void start(MqttServer server, Duration interval) {
    Loop loop = server.context.loops().next();
    loop.execute(() -> new SystemTopics(server, loop, interval).publishAll());
  }

  private void publishAll() {
    publish("version", VERSION);
    look();
    loop.schedule(intervalMs, this::publishAll);
  }

  private void look() {
    long nowNanos = loop.nanoTime();
    long elapsed = nowNanos - lastNanos;
    lastNanos = nowNanos;
    publish("uptime", TimeUnit.NANOSECONDS.toSeconds(nowNanos - startNanos) + " seconds");
    Metrics metrics = server.context.metrics();
    clients(metrics, elapsed);
    traffic(metrics, elapsed);
    held(metrics);
  }

  private void clients(Metrics metrics, long elapsed) {
    ClientCounts.Now clients = server.clients.now();
    long total = Math.max(clients.connected(), metrics.value("sessions"));
    publish("clients/connected", clients.connected());
    publish("clients/active", clients.connected());
    publish("clients/disconnected", total - clients.connected());
    publish("clients/inactive", total - clients.connected());
    publish("clients/total", total);
    publish("clients/maximum", clients.maximum());
    publish("clients/expired", clients.expired());
    connections.measured(clients.connections(), elapsed, this::publish);
    sockets.measured(metrics.value("connections.opened"), elapsed, this::publish);
  }

  private void traffic(Metrics metrics, long elapsed) {
    Traffic.Sums sums = server.traffic();
    publish("messages/received", sums.packetsReceived);
    publish("messages/sent", sums.packetsSent);
    publish("publish/messages/received", sums.messagesReceived);
    publish("publish/messages/sent", sums.messagesSent);
    publish("publish/bytes/received", sums.bytesReceived);
    publish("publish/bytes/sent", sums.bytesSent);
    packetsReceived.measured(sums.packetsReceived, elapsed, this::publish);
    packetsSent.measured(sums.packetsSent, elapsed, this::publish);
    publishesReceived.measured(sums.messagesReceived, elapsed, this::publish);
    publishesSent.measured(sums.messagesSent, elapsed, this::publish);

    long dropped = FOR_WANT_OF_ROOM.stream().mapToLong(metrics::dropped).sum();
    publish("publish/messages/dropped", dropped);
    publishesDropped.measured(dropped, elapsed, this::publish);

    publish("bytes/received", metrics.value("bytes.read"));
    publish("bytes/sent", metrics.value("bytes.written"));
    bytesReceived.measured(metrics.value("bytes.read"), elapsed, this::publish);
    bytesSent.measured(metrics.value("bytes.written"), elapsed, this::publish);
  }

  private void held(Metrics metrics) {
    publish("subscriptions/count", metrics.value("subscriptions"));
    publish("retained messages/count", metrics.value("last-values"));
    publish(
        "store/messages/bytes",
        Stream.of("messages", "last-values")
            .mapToLong(kind -> metrics.value("memory.held{kind=" + kind + "}"))
            .sum());
    long heap = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    mostHeap = Math.max(mostHeap, heap);
    publish("heap/current", heap);
    publish("heap/maximum", mostHeap);
  }

  private void publish(String topic, long value) {
    publish(topic, Long.toString(value));
  }

  private void publish(String topic, String value) {
    if (value.equals(published.put(topic, value))) {
      return;
    }
    Message message =
        Message.published(
            server.space.exchange(),
            server.space.topics().address((ROOT + topic).getBytes(StandardCharsets.UTF_8)),
            MqttProperties.of(0, true),
            value.getBytes(StandardCharsets.UTF_8),
            Identity.ANONYMOUS,
            loop.wallTimeMs());
    server.context.publish(loop, server.space.virtualHost(), message);
  }
}
