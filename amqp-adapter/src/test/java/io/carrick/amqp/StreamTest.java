package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.ShutdownSignalException;
import io.carrick.Broker;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.transport.NettyLoops;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams as RabbitMQ's own client sees them. */
@Timeout(60)
@Tag("amqp091:x-queue-type=stream")
class StreamTest {

  private static final String S = "queue 's' in vhost '/'";

  private final Broker broker =
      EmbeddedBroker.builder().loops(NettyLoops.factory(3)).adapter(Amqp.onAnyPort()).start();
  private Connection connection;
  private Channel channel;

  @BeforeEach
  void connect() throws Exception {
    var factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(broker.address("amqp").getPort());
    factory.setAutomaticRecoveryEnabled(false);
    connection = factory.newConnection("test");
    channel = connection.createChannel();
    channel.confirmSelect();
    declare(Map.of());
  }

  @AfterEach
  void close() {
    connection.abort();
    broker.close();
  }

  private AMQP.Queue.DeclareOk declare(Map<String, Object> arguments) throws IOException {
    var all = new HashMap<>(arguments);
    all.put("x-queue-type", "stream");
    return channel.queueDeclare("s", true, false, false, all);
  }

  private void publish(int from, int to) throws Exception {
    for (int i = from; i < to; i++) {
      publish("m" + i, MessageProperties.MINIMAL_PERSISTENT_BASIC);
    }
    channel.waitForConfirmsOrDie(10_000);
  }

  private void publish(String text, BasicProperties properties) throws IOException {
    channel.basicPublish("", "s", properties, text.getBytes(StandardCharsets.UTF_8));
  }

  /** What one consumer gets. */
  private record Reading(Channel channel, BlockingQueue<Delivery> deliveries) {

    /** Takes and acknowledges so many, with their offsets. */
    List<String> take(int count) throws Exception {
      var all = new ArrayList<String>();
      for (int i = 0; i < count; i++) {
        Delivery delivery = deliveries.poll(10, TimeUnit.SECONDS);
        assertThat(delivery).as("a delivery within ten seconds, after %s", all).isNotNull();
        all.add(shown(delivery));
        channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
      }
      return all;
    }

    private static String shown(Delivery delivery) {
      Object offset = delivery.getProperties().getHeaders().get("x-stream-offset");
      assertThat(offset).isInstanceOf(Long.class);
      assertThat(delivery.getEnvelope().isRedeliver()).isFalse();
      return offset + ":" + new String(delivery.getBody(), StandardCharsets.UTF_8);
    }
  }

  private Reading read(int prefetch, Map<String, Object> arguments) throws IOException {
    Channel on = connection.createChannel();
    on.basicQos(prefetch);
    var deliveries = new LinkedBlockingQueue<Delivery>();
    on.basicConsume("s", false, arguments, (tag, delivery) -> deliveries.add(delivery), tag -> {});
    return new Reading(on, deliveries);
  }

  private static Map<String, Object> from(Object offset) {
    return Map.of("x-stream-offset", offset);
  }

  private static List<String> expected(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> i + ":m" + i).toList();
  }

  @Test
  @Tag("amqp091:x-stream-offset")
  void consumersBeginWhereTheyAskToAndReadIndependently() throws Exception {
    publish(0, 200);

    assertThat(read(10, from("first")).take(200)).isEqualTo(expected(0, 200));
    assertThat(read(1, from(150)).take(50)).isEqualTo(expected(150, 200));
    assertThat(read(10, from(199L)).take(1)).isEqualTo(expected(199, 200));
    assertThat(read(10, from("last")).take(1)).isEqualTo(expected(199, 200));
    Reading next = read(10, from("next"));
    Reading unsaid = read(10, Map.of());
    Reading later = read(10, from(202));
    publish(200, 204);
    assertThat(next.take(4)).isEqualTo(expected(200, 204));
    assertThat(unsaid.take(4)).isEqualTo(expected(200, 204));
    assertThat(later.take(2)).isEqualTo(expected(202, 204));
    assertThat(channel.queueDeclarePassive("s").getMessageCount()).isEqualTo(204);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1Y", "2M", "7D", "5h", "60m", "3600s"})
  @Tag("amqp091:x-stream-offset")
  void anIntervalIsHowLongAgoReadingBegins(String interval) throws Exception {
    publish(0, 3);
    assertThat(read(10, from(interval)).take(3)).isEqualTo(expected(0, 3));
  }

  @Test
  @Tag("amqp091:x-stream-offset")
  void aTimestampIsWhenReadingBegins() throws Exception {
    publish(0, 3);
    long now = System.currentTimeMillis();
    Reading future = read(10, from(new Date(now + 3_600_000)));
    assertThat(read(10, from(new Date(now - 60_000))).take(3)).isEqualTo(expected(0, 3));
    publish(3, 4);
    assertThat(read(10, from("last")).take(1)).isEqualTo(expected(3, 4));
    assertThat(future.deliveries).isEmpty();
  }

  @Test
  @Tag("amqp091:basic.nack")
  @Tag("amqp091:basic.reject")
  void nackAndRejectMakeRoomAsAckDoes() throws Exception {
    publish(0, 10);
    Reading reading = read(3, from("first"));
    long[] tags = new long[3];
    for (int i = 0; i < 3; i++) {
      tags[i] = reading.deliveries.take().getEnvelope().getDeliveryTag();
    }
    reading.channel.basicNack(tags[0], false, true);
    reading.channel.basicReject(tags[1], true);
    reading.channel.basicReject(tags[2], false);

    assertThat(reading.take(7)).isEqualTo(expected(3, 10));
    assertThat(channel.queueDeclarePassive("s").getMessageCount()).isEqualTo(10);
  }

  @Test
  @Tag("amqp091:x-stream-filter")
  @Tag("amqp091:x-stream-filter-value")
  @Tag("amqp091:x-stream-match-unfiltered")
  void consumersTakeWhatTheirFilterNames() throws Exception {
    for (String value : List.of("invoices", "orders", "", "invoices", "returns")) {
      var headers = new HashMap<String, Object>();
      if (!value.isEmpty()) {
        headers.put("x-stream-filter-value", value);
      }
      publish("is" + value, new BasicProperties.Builder().headers(headers).build());
    }
    channel.waitForConfirmsOrDie(10_000);

    assertThat(read(1, filter("invoices", false)).take(2))
        .containsExactly("0:isinvoices", "3:isinvoices");
    assertThat(read(10, filter(List.of("orders", "returns"), false)).take(2))
        .containsExactly("1:isorders", "4:isreturns");
    assertThat(read(10, filter("returns", true)).take(2)).containsExactly("2:is", "4:isreturns");
  }

  private static Map<String, Object> filter(Object values, boolean unfiltered) {
    return Map.of(
        "x-stream-offset",
        "first",
        "x-stream-filter",
        values,
        "x-stream-match-unfiltered",
        unfiltered);
  }

  @Test
  void aPublishersHeadersArriveBesideTheOffset() throws Exception {
    var headers = Map.<String, Object>of("mine", "yours", "x-stream-offset", "not mine");
    publish("m", new BasicProperties.Builder().headers(headers).contentType("t").build());
    Delivery delivery = read(1, from("first")).deliveries.poll(10, TimeUnit.SECONDS);

    assertThat(delivery.getProperties().getContentType()).isEqualTo("t");
    assertThat(delivery.getProperties().getHeaders().get("mine")).hasToString("yours");
    assertThat(delivery.getProperties().getHeaders()).containsEntry("x-stream-offset", 0L);
  }

  @Test
  void aConsumerIsToldWhenTheStreamIsDeleted() throws Exception {
    var told = new LinkedBlockingQueue<String>();
    channel.basicQos(1);
    channel.basicConsume("s", false, "tag", (tag, delivery) -> {}, told::add);
    channel.queueDelete("s");
    assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo("tag");
  }

  // ---- refusals

  @FunctionalInterface
  private interface Action {
    void on(Channel channel) throws Exception;
  }

  private static Action consume(int prefetch, boolean autoAck, Map<String, Object> arguments) {
    return channel -> {
      channel.basicQos(prefetch);
      channel.basicConsume("s", autoAck, arguments, (tag, delivery) -> {}, tag -> {});
    };
  }

  private static Action declare(
      boolean durable, boolean exclusive, boolean autoDelete, Map<String, Object> arguments) {
    var all = new HashMap<>(arguments);
    all.put("x-queue-type", "stream");
    return channel -> channel.queueDeclare("n", durable, exclusive, autoDelete, all);
  }

  private static Action declare(String argument, Object value) {
    return declare(true, false, false, Map.of(argument, value));
  }

  static List<Arguments> refused() {
    String n = "queue 'n' in vhost '/'";
    String type = " of queue type rabbit_stream_queue";
    return List.of(
        Arguments.of(
            406, "consumer prefetch count is not set for stream " + S, consume(0, false, Map.of())),
        Arguments.of(
            540,
            "automatic acknowledgement not supported by stream " + S,
            consume(1, true, Map.of())),
        Arguments.of(
            540,
            S + " does not support global qos",
            (Action)
                channel -> {
                  channel.basicQos(1, true);
                  consume(1, false, Map.of()).on(channel);
                }),
        Arguments.of(
            406,
            "invalid arg 'x-stream-offset' for "
                + S
                + ": {invalid_stream_offset_arg,{longstr,<<\"soon\">>}}",
            consume(1, false, from("soon"))),
        Arguments.of(
            406, "invalid arg 'x-priority' for " + S + type, consume(1, false, priority())),
        Arguments.of(
            540,
            "basic.get not supported by stream queues " + S,
            (Action) channel -> channel.basicGet("s", false)),
        Arguments.of(
            540,
            "queue.purge not supported by stream queues " + S,
            (Action) channel -> channel.queuePurge("s")),
        Arguments.of(
            406, "invalid property 'non-durable' for " + n, declare(false, false, false, Map.of())),
        Arguments.of(
            406,
            "invalid property 'exclusive-owner' for " + n,
            declare(true, true, false, Map.of())),
        Arguments.of(
            406, "invalid property 'auto-delete' for " + n, declare(true, false, true, Map.of())),
        Arguments.of(
            406,
            "Cannot declare a server-named queue for type rabbit_stream_queue",
            (Action)
                channel ->
                    channel.queueDeclare("", true, false, false, Map.of("x-queue-type", "stream"))),
        Arguments.of(
            406,
            "invalid arg 'x-max-age' for " + n + ": invalid_max_age",
            declare("x-max-age", "1w")),
        Arguments.of(
            406,
            "invalid arg 'x-max-age' for " + n + ": {unacceptable_type,signedint}",
            declare("x-max-age", 5)),
        Arguments.of(
            406,
            "invalid arg 'x-max-length-bytes' for " + n + ": {value_negative,-1}",
            declare("x-max-length-bytes", -1)),
        Arguments.of(
            406,
            "Exceeded max value for x-stream-max-segment-size-bytes",
            declare("x-stream-max-segment-size-bytes", 3_000_000_001L)),
        Arguments.of(
            406,
            "Invalid value for  x-stream-filter-size-bytes",
            declare("x-stream-filter-size-bytes", 15)),
        Arguments.of(
            406,
            "invalid arg 'x-initial-cluster-size' for " + n + ": {value_zero,0}",
            declare("x-initial-cluster-size", 0)),
        Arguments.of(
            406,
            "invalid arg 'x-queue-leader-locator' for " + n + ": invalid_queue_locator_arg",
            declare("x-queue-leader-locator", "here")),
        Arguments.of(
            406, "invalid arg 'x-message-ttl' for " + n + type, declare("x-message-ttl", 1)),
        Arguments.of(
            406, "invalid arg 'x-max-priority' for " + n + type, declare("x-max-priority", 1)),
        Arguments.of(
            406,
            "invalid arg 'x-dead-letter-exchange' for " + n + type,
            declare("x-dead-letter-exchange", "e")),
        Arguments.of(
            406,
            "invalid arg 'x-max-age' for " + n + " of queue type rabbit_classic_queue",
            (Action)
                channel ->
                    channel.queueDeclare("n", true, false, false, Map.of("x-max-age", "1D"))));
  }

  private static Map<String, Object> priority() {
    return Map.of("x-priority", 5);
  }

  @ParameterizedTest
  @MethodSource
  @Tag("amqp091:x-max-age")
  @Tag("amqp091:x-stream-max-segment-size-bytes")
  @Tag("amqp091:x-stream-filter-size-bytes")
  @Tag("amqp091:x-initial-cluster-size")
  @Tag("amqp091:x-queue-leader-locator")
  void refused(int code, String text, Action action) throws Exception {
    Channel on = connection.createChannel();
    var closed = new LinkedBlockingQueue<ShutdownSignalException>();
    on.addShutdownListener(closed::add);
    Throwable failure = catchThrowable(() -> action.on(on));

    assertThat(failure).isInstanceOfAny(IOException.class, AlreadyClosedException.class);
    ShutdownSignalException signal = closed.poll(10, TimeUnit.SECONDS);
    assertThat(signal).isNotNull();
    assertThat(signal.isHardError()).isEqualTo(code == 540);
    Object reason = signal.getReason();
    int replied =
        reason instanceof AMQP.Channel.Close c
            ? c.getReplyCode()
            : ((AMQP.Connection.Close) reason).getReplyCode();
    String said =
        reason instanceof AMQP.Channel.Close c
            ? c.getReplyText()
            : ((AMQP.Connection.Close) reason).getReplyText();
    assertThat(replied).isEqualTo(code);
    assertThat(said)
        .isEqualTo((code == 540 ? "NOT_IMPLEMENTED" : "PRECONDITION_FAILED") + " - " + text);
  }

  @Test
  @Tag("amqp091:x-max-age")
  void aStreamIsDeclaredAgainOnlyAsItIs() throws Exception {
    channel.queueDelete("s");
    declare(Map.of("x-max-age", "7D", "x-stream-max-segment-size-bytes", 1_000_000));
    declare(Map.of("x-max-age", "7D", "x-stream-max-segment-size-bytes", 1_000_000L));

    assertThat(catchThrowable(() -> declare(Map.of("x-max-age", "8D"))).getCause())
        .hasMessageContaining("inequivalent arg 'x-max-age' for " + S)
        .hasMessageContaining("received '8D' but current is '7D'");
  }
}
