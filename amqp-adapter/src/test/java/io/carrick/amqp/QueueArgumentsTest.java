package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import io.carrick.Client;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.testing.BrokerExtension;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each argument of a queue, right and wrong, by RabbitMQ's own client. */
@Timeout(30)
@Tag("amqp091:argument-validation")
@Tag("amqp091:x-queue-mode")
@Tag("amqp091:x-queue-type=classic")
class QueueArgumentsTest {

  private static final String Q = "queue 'q' in vhost '/'";

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(EmbeddedBroker.builder().adapter(Amqp.onAnyPort())).realTime();

  private Connection connection;

  @BeforeEach
  void connect() throws Exception {
    var factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(broker.broker().address("amqp").getPort());
    factory.setAutomaticRecoveryEnabled(false);
    connection = factory.newConnection("test");
  }

  @AfterEach
  void close() {
    connection.abort();
  }

  private static Map<String, Object> and(Map<String, Object> some, String name, Object value) {
    var all = new HashMap<>(some);
    all.put(name, value);
    return all;
  }

  private static Arguments wrong(String name, Object value, String why) {
    return Arguments.of(Map.of(name, value), "invalid arg '" + name + "' for " + Q + ": " + why);
  }

  private static Arguments wrongInQuorum(String name, Object value, String why) {
    return Arguments.of(
        Map.of("x-queue-type", "quorum", name, value),
        "invalid arg '" + name + "' for " + Q + ": " + why);
  }

  private static Arguments ofAnother(String type, String name, Object value) {
    return Arguments.of(
        Map.of("x-queue-type", type, name, value),
        "invalid arg '" + name + "' for " + Q + " of queue type rabbit_" + type + "_queue");
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        wrong("x-expires", 0, "{value_zero,0}"),
        wrong("x-expires", -1, "{value_negative,-1}"),
        wrong("x-expires", true, "\"expected integer, got bool\""),
        wrong("x-message-ttl", 1.5, "\"expected integer, got double\""),
        wrong("x-message-ttl", 4_294_967_296L, "{value_too_large,4294967296}"),
        wrong("x-max-length", "1", "\"expected integer, got longstr\""),
        wrong("x-max-length-bytes", -1, "{value_negative,-1}"),
        wrong("x-overflow", "drop-tail", "invalid_overflow"),
        wrong("x-overflow", 1, "{unacceptable_type,signedint}"),
        wrong("x-dead-letter-exchange", 1L, "{unacceptable_type,long}"),
        wrong("x-dead-letter-strategy", "sometimes", "invalid_dlx_strategy"),
        wrong("x-max-priority", -1, "{value_negative,-1}"),
        wrong("x-max-priority", 256, "{max_value_exceeded,256}"),
        wrong("x-max-priority", "ten", "\"expected integer, got longstr\""),
        wrong("x-single-active-consumer", "true", "{unacceptable_type,longstr}"),
        wrong("x-single-active-consumer", 1, "{unacceptable_type,signedint}"),
        wrong("x-consumer-timeout", -1, "{value_negative,-1}"),
        wrong("x-delivery-limit", "no", "\"expected integer, got longstr\""),
        wrong("x-queue-mode", "eager", "invalid_queue_mode"),
        wrong("x-queue-mode", 1, "{unacceptable_type,signedint}"),
        wrong("x-queue-version", 3, "\"unsupported queue version '3'\""),
        wrong("x-queue-version", "2", "\"expected integer, got longstr\""),
        wrong("x-queue-type", "sharded", "\"unsupported queue type 'sharded'\""),
        wrong("x-queue-type", 1, "{unacceptable_type,signedint}"),
        wrong("x-queue-leader-locator", "here", "invalid_queue_locator_arg"),
        wrongInQuorum("x-quorum-initial-group-size", 0, "{value_zero,0}"),
        wrongInQuorum("x-quorum-initial-group-size", -3, "{value_negative,-3}"),
        wrongInQuorum("x-max-in-memory-length", -3, "{value_negative,-3}"),
        wrongInQuorum("x-delayed-retry-min", 10, "not supported"),
        ofAnother("quorum", "x-max-priority", 5),
        ofAnother("quorum", "x-max-priority", 0),
        ofAnother("quorum", "x-queue-mode", "lazy"),
        ofAnother("quorum", "x-queue-version", 2),
        ofAnother("quorum", "x-max-age", "1D"),
        ofAnother("classic", "x-max-age", "1D"),
        ofAnother("classic", "x-stream-max-segment-size-bytes", 1000),
        ofAnother("classic", "x-stream-filter-size-bytes", 32),
        ofAnother("classic", "x-initial-cluster-size", 1),
        ofAnother("classic", "x-quorum-initial-group-size", 3),
        ofAnother("classic", "x-max-in-memory-length", 3));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("refused")
  void whatIsWrongIsRefusedWithRabbitMqsWords(Map<String, Object> arguments, String text)
      throws Exception {
    assertRefused(text, channel -> channel.queueDeclare("q", true, false, false, arguments));
    // nothing has come of it
    connection.createChannel().queueDeclare("q", true, false, false, null);
  }

  static Stream<Map<String, Object>> taken() {
    Map<String, Object> quorum = Map.of("x-queue-type", "quorum");
    return Stream.of(
        Map.of("x-max-priority", 0),
        Map.of("x-single-active-consumer", false),
        Map.of("x-overflow", "drop-head"),
        Map.of("x-queue-mode", "lazy"),
        Map.of("x-queue-mode", "default"),
        Map.of("x-queue-version", 2),
        Map.of("x-queue-version", (short) 1),
        Map.of("x-queue-master-locator", "client-local"),
        Map.of("x-queue-leader-locator", "balanced"),
        Map.of("x-queue-type", "classic"),
        Map.of("x-dead-letter-strategy", "at-most-once"),
        Map.of("x-dead-letter-strategy", "at-least-once"),
        and(quorum, "x-quorum-initial-group-size", 3),
        and(quorum, "x-max-in-memory-length", 0),
        and(quorum, "x-max-in-memory-bytes", 0),
        and(quorum, "x-queue-leader-locator", "client-local"),
        and(quorum, "x-single-active-consumer", false),
        and(quorum, "x-delivery-limit", -1));
  }

  @ParameterizedTest
  @MethodSource("taken")
  void whatHasNoEffectHereIsTaken(Map<String, Object> arguments) throws Exception {
    Channel channel = connection.createChannel();
    channel.queueDeclare("q", true, false, false, arguments);
    channel.basicPublish("", "q", null, "m".getBytes());
    channel.queueDeclare("q", true, false, false, arguments);
    assertThat(channel.basicGet("q", true).getBody()).isEqualTo("m".getBytes());
  }

  @ParameterizedTest
  @ValueSource(strings = {"x-queue-mode", "x-queue-version", "x-max-priority"})
  @Tag("amqp091:inequivalent-arguments")
  void whatHasNoEffectIsComparedAllTheSame(String argument) throws Exception {
    Object value = argument.equals("x-queue-mode") ? "lazy" : argument.endsWith("n") ? 2 : 0;
    connection.createChannel().queueDeclare("q", true, false, false, Map.of(argument, value));

    String type = value instanceof String ? "longstr" : "signedint";
    assertRefused(
        "inequivalent arg '%s' for %s: received none but current is the value '%s' of type '%s'"
            .formatted(argument, Q, value, type),
        channel -> channel.queueDeclare("q", true, false, false, null));
  }

  @Test
  @Tag("amqp091:x-queue-type=quorum")
  void aQuorumQueueIsDurableAndNobodysOwnAndHasAName() throws Exception {
    Map<String, Object> quorum = Map.of("x-queue-type", "quorum");
    assertRefused(
        "invalid property 'non-durable' for " + Q,
        channel -> channel.queueDeclare("q", false, false, false, quorum));
    assertRefused(
        "invalid property 'exclusive-owner' for " + Q,
        channel -> channel.queueDeclare("q", true, true, false, quorum));
    assertRefused(
        "invalid property 'auto-delete' for " + Q,
        channel -> channel.queueDeclare("q", true, false, true, quorum));
    assertRefused(
        "Cannot declare a server-named queue for type rabbit_quorum_queue",
        channel -> channel.queueDeclare("", true, false, false, quorum));
    connection.createChannel().queueDeclare("q", true, false, false, quorum);
  }

  @Test
  @Tag("amqp091:inequivalent-arguments")
  void aQueueOfAJavaUserIsTheOneThatArgumentsDeclare() throws Exception {
    try (Client client = broker.broker().connect()) {
      client
          .topology()
          .queue("q")
          .durable()
          .expires(Duration.ofMinutes(1))
          .messageTtl(Duration.ofSeconds(1))
          .maxLength(10)
          .maxLengthBytes(1_000)
          .deadLetterTo("dlx", "k")
          .deadLetterAtLeastOnce()
          .deliveryLimit(5)
          .maxPriority(3)
          .consumerTimeout(Duration.ofMinutes(30))
          .singleActiveConsumer()
          .declare();
      client.topology().queue("r").quorum().declare();
    }
    Map<String, Object> arguments = new HashMap<>();
    arguments.put("x-expires", 60_000);
    arguments.put("x-message-ttl", 1_000);
    arguments.put("x-max-length", 10);
    arguments.put("x-max-length-bytes", 1_000);
    arguments.put("x-dead-letter-exchange", "dlx");
    arguments.put("x-dead-letter-routing-key", "k");
    arguments.put("x-dead-letter-strategy", "at-least-once");
    arguments.put("x-overflow", "reject-publish");
    arguments.put("x-delivery-limit", 5);
    arguments.put("x-max-priority", 3);
    arguments.put("x-consumer-timeout", 1_800_000);
    arguments.put("x-single-active-consumer", true);
    Channel channel = connection.createChannel();
    channel.queueDeclare("q", true, false, false, arguments);
    channel.queueDeclare("r", true, false, false, Map.of("x-queue-type", "quorum"));
  }

  /** Something done on a channel. */
  @FunctionalInterface
  private interface Step {
    void on(Channel channel) throws IOException;
  }

  private void assertRefused(String text, Step step) throws Exception {
    Channel channel = connection.createChannel();
    assertThatThrownBy(() -> step.on(channel))
        .isInstanceOf(IOException.class)
        .cause()
        .isInstanceOfSatisfying(
            ShutdownSignalException.class,
            end -> {
              var reason = (AMQP.Channel.Close) end.getReason();
              assertThat(reason.getReplyCode()).isEqualTo(406);
              assertThat(reason.getReplyText()).isEqualTo("PRECONDITION_FAILED - " + text);
            });
  }
}
