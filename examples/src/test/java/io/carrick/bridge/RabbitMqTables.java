package io.carrick.bridge;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PayloadFormatIndicator;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishBuilder;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.LongString;
import com.rabbitmq.client.impl.LongStringHelper;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Sends one message after the other through a broker, from MQTT 5 to AMQP and the other way, and
 * says in a line for each what came out. Which broker does not matter: one that speaks both.
 */
final class RabbitMqTables implements AutoCloseable {

  private static final byte[] BYTES = {(byte) 0xC0, 0, (byte) 0xFF};

  private static final Date LONG_AGO = new Date(1_700_000_000_000L);

  private final Device5 device;
  private final Service service;
  private final Inbox<Delivery> deliveries;
  private final List<String> lines = new ArrayList<>();

  RabbitMqTables(InetSocketAddress mqtt, InetSocketAddress amqp) throws Exception {
    this.device = Device5.connect(mqtt, "device");
    this.service = Service.connect(amqp);
    this.deliveries = service.listen("#");
    device.subscribe("#", 1);
  }

  List<String> run() throws Exception {
    mqttToAmqp();
    amqpToMqtt();
    return lines;
  }

  private void mqttToAmqp() {
    fromMqtt("QoS 0", m -> m.qos(MqttQos.AT_MOST_ONCE));
    fromMqtt("QoS 1", m -> m);
    fromMqtt("no payload", m -> m.payload(new byte[0]));
    fromMqtt("payload format, bytes", m -> format(m, Mqtt5PayloadFormatIndicator.UNSPECIFIED));
    fromMqtt("payload format, text", m -> format(m, Mqtt5PayloadFormatIndicator.UTF_8));
    fromMqtt("expiry 60 s", m -> m.messageExpiryInterval(60));
    fromMqtt("response topic a/b", m -> m.responseTopic("a/b"));
    fromMqtt("response topic a.b/c", m -> m.responseTopic("a.b/c"));
    fromMqtt("correlation data, text", m -> m.correlationData(bytes("42")));
    fromMqtt("correlation data, not text", m -> m.correlationData(BYTES));
    fromMqtt("correlation data, empty", m -> m.correlationData(new byte[0]));
    fromMqtt("correlation data, 255 bytes", m -> m.correlationData(bytes("c".repeat(255))));
    fromMqtt("correlation data, 256 bytes", m -> m.correlationData(bytes("c".repeat(256))));
    fromMqtt("content type", m -> m.contentType("text/plain"));
    fromMqtt("content type, not ASCII", m -> m.contentType("téxt/plain"));
    fromMqtt("content type, 256 bytes", m -> m.contentType("c".repeat(256)));
    fromMqtt("user property", m -> user(m, "a", "1"));
    fromMqtt("user property, not ASCII", m -> user(m, "ä", "ü"));
    fromMqtt("user properties, not in order", m -> user(m, "b", "1", "a", "2"));
    fromMqtt("user property, twice", m -> user(m, "a", "2", "b", "1", "a", "1"));
    fromMqtt("user property, empty name", m -> user(m, "", "1"));
    fromMqtt("user property, name of 256", m -> user(m, "n".repeat(256), "1", "a", "2"));
    fromMqtt("user property x-", m -> user(m, "x-mine", "1"));
    fromMqtt("everything", RabbitMqTables::everything);
  }

  private static Mqtt5PublishBuilder.Complete everything(Mqtt5PublishBuilder.Complete m) {
    return user(format(m, Mqtt5PayloadFormatIndicator.UTF_8), "k", "v")
        .messageExpiryInterval(60)
        .responseTopic("r/t")
        .correlationData(bytes("id"))
        .contentType("text/plain");
  }

  private void amqpToMqtt() throws Exception {
    fromAmqp("transient", p -> p.deliveryMode(1));
    fromAmqp("no delivery mode", p -> p);
    fromAmqp("persistent", p -> p.deliveryMode(2));
    fromAmqp("content type", p -> p.contentType("text/plain"));
    fromAmqp("content type, not ASCII", p -> p.contentType("téxt/plain"));
    fromAmqp("content encoding", p -> p.contentEncoding("gzip"));
    fromAmqp("priority", p -> p.priority(5));
    fromAmqp("correlation id", p -> p.correlationId("42"));
    fromAmqp("reply to", p -> p.replyTo("queue"));
    fromAmqp("expiration 60000", p -> p.expiration("60000"));
    fromAmqp("message id", p -> p.messageId("m"));
    fromAmqp("timestamp", p -> p.timestamp(LONG_AGO));
    fromAmqp("type", p -> p.type("t"));
    fromAmqp("user id", p -> p.userId("guest"));
    fromAmqp("app id", p -> p.appId("app"));
    fromAmqp("header x-reply-to-topic", p -> header(p, "x-reply-to-topic", "a.b"));
    fromAmqp("header x-correlation-id", p -> header(p, "x-correlation-id", longString(BYTES)));
    fromAmqp("header x-", p -> header(p, "x-mine", "1"));
    fromAmqp("header, text", p -> header(p, "h", "text"));
    fromAmqp("header, not ASCII", p -> header(p, "ä", "ü"));
    fromAmqp("header, empty", p -> header(p, "h", ""));
    fromAmqp("header, text that is none", p -> header(p, "h", longString(BYTES)));
    fromAmqp("header, bytes", p -> header(p, "h", BYTES));
    fromAmqp("header, true", p -> header(p, "h", true));
    fromAmqp("header, byte", p -> header(p, "h", (byte) -1));
    fromAmqp("header, short", p -> header(p, "h", (short) -300));
    fromAmqp("header, int", p -> header(p, "h", -70_000));
    fromAmqp("header, long", p -> header(p, "h", 5_000_000_000L));
    fromAmqp("header, float", p -> header(p, "h", 1.5f));
    fromAmqp("header, double", p -> header(p, "h", -2.5));
    fromAmqp("header, timestamp", p -> header(p, "h", LONG_AGO));
    fromAmqp("header, void", p -> header(p, "h", null));
    fromAmqp("header, table", p -> header(p, "h", Map.of("k", "v")));
    fromAmqp("header, array", p -> header(p, "h", List.of("v", 1)));
    fromAmqp("headers, not in order", RabbitMqTables::notInOrder);
  }

  private static AMQP.BasicProperties.Builder notInOrder(AMQP.BasicProperties.Builder p) {
    var headers = new LinkedHashMap<String, Object>();
    headers.put("b", "1");
    headers.put("a", "2");
    return p.headers(headers);
  }

  private static AMQP.BasicProperties.Builder header(
      AMQP.BasicProperties.Builder p, String name, Object value) {
    var headers = new LinkedHashMap<String, Object>();
    headers.put(name, value);
    return p.headers(headers);
  }

  private static Mqtt5PublishBuilder.Complete format(
      Mqtt5PublishBuilder.Complete m, Mqtt5PayloadFormatIndicator format) {
    return m.payloadFormatIndicator(format);
  }

  private static Mqtt5PublishBuilder.Complete user(
      Mqtt5PublishBuilder.Complete m, String... namesAndValues) {
    var properties = com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties.builder();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      properties.add(namesAndValues[i], namesAndValues[i + 1]);
    }
    return m.userProperties(properties.build());
  }

  private void fromMqtt(String name, UnaryOperator<Mqtt5PublishBuilder.Complete> with) {
    Mqtt5PublishBuilder.Complete plain =
        Mqtt5Publish.builder().topic("s/1").payload(bytes("m")).qos(MqttQos.AT_LEAST_ONCE);
    device.publish(with.apply(plain).build());
    lines.add("MQTT > AMQP | " + name + " | " + words(deliveries.take()));
    device.take(); // its own
  }

  private void fromAmqp(String name, UnaryOperator<AMQP.BasicProperties.Builder> with)
      throws Exception {
    service.publish("s.1", bytes("m"), with.apply(new AMQP.BasicProperties.Builder()).build());
    lines.add("AMQP > MQTT | " + name + " | " + words(device.take()));
    deliveries.take(); // its own
  }

  // ---- in words

  private static String words(Delivery delivery) {
    AMQP.BasicProperties p = delivery.getProperties();
    var words = new LinkedHashMap<String, Object>();
    words.put("key", delivery.getEnvelope().getRoutingKey());
    words.put("delivery-mode", p.getDeliveryMode());
    words.put("content-type", p.getContentType());
    words.put("content-encoding", p.getContentEncoding());
    words.put("priority", p.getPriority());
    words.put("correlation-id", p.getCorrelationId());
    words.put("reply-to", p.getReplyTo());
    words.put("expiration", p.getExpiration());
    words.put("message-id", p.getMessageId());
    words.put("timestamp", when(p.getTimestamp()));
    words.put("type", p.getType());
    words.put("user-id", p.getUserId());
    words.put("app-id", p.getAppId());
    if (p.getHeaders() != null) {
      new TreeMap<>(p.getHeaders())
          .forEach((k, v) -> words.put("[" + shortened(k) + "]", typed(v)));
    }
    words.put("body", Service.text(delivery));
    return line(words);
  }

  private static @Nullable String when(@Nullable Date timestamp) {
    if (timestamp == null) {
      return null;
    }
    return timestamp.equals(LONG_AGO) ? "as published" : "of arrival";
  }

  private static String words(Mqtt5Publish m) {
    var words = new LinkedHashMap<String, Object>();
    words.put("topic", m.getTopic());
    words.put("qos", m.getQos().getCode());
    words.put("retain", m.isRetain() ? "yes" : null);
    m.getPayloadFormatIndicator().ifPresent(format -> words.put("format", format.getCode()));
    m.getMessageExpiryInterval().ifPresent(expiry -> words.put("expiry", expiry));
    m.getResponseTopic().ifPresent(topic -> words.put("response-topic", topic));
    m.getCorrelationData().ifPresent(data -> words.put("correlation", hex(data)));
    m.getContentType().ifPresent(type -> words.put("content-type", type));
    int number = 0;
    for (var user : m.getUserProperties().asList()) {
      words.put("user-" + ++number, user.getName() + ":" + user.getValue());
    }
    words.put("payload", Device5.text(m));
    return line(words);
  }

  private static String line(Map<String, Object> words) {
    var line = new StringBuilder();
    words.forEach(
        (word, value) -> {
          if (value != null) {
            line.append(line.isEmpty() ? "" : " ").append(word).append('=');
            line.append(shortened(String.valueOf(value)));
          }
        });
    return line.toString();
  }

  private static String shortened(String text) {
    return text.length() <= 60 ? text : text.substring(0, 8) + "...(" + text.length() + ")";
  }

  private static String typed(Object value) {
    if (value instanceof LongString text) {
      byte[] bytes = text.getBytes();
      String read = new String(bytes, StandardCharsets.UTF_8);
      boolean isText = java.util.Arrays.equals(bytes(read), bytes) && read.indexOf('\0') < 0;
      return "S:" + (isText ? shortened(read) : HexFormat.of().formatHex(bytes));
    } else if (value instanceof byte[] bytes) {
      return "x:" + HexFormat.of().formatHex(bytes);
    }
    return value == null ? "V" : value.getClass().getSimpleName() + ":" + value;
  }

  private static String hex(ByteBuffer data) {
    byte[] bytes = new byte[data.remaining()];
    data.duplicate().get(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static LongString longString(byte[] bytes) {
    return LongStringHelper.asLongString(bytes);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    device.close();
    service.close();
  }

  /**
   * Prints what a broker on this machine does.
   *
   * @param args its port for MQTT and its port for AMQP
   */
  public static void main(String[] args) throws Exception {
    try (var tables =
        new RabbitMqTables(
            new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])),
            new InetSocketAddress("127.0.0.1", Integer.parseInt(args[1])))) {
      tables.run().forEach(System.out::println);
    }
  }
}
