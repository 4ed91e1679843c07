package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.spi.Authorizer.Action;
import io.carrick.testing.BrokerExtension;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a client library's user reads when something is refused: RabbitMQ's words, seen by its own
 * client.
 */
@Timeout(30)
class RefusalTextsTest {

  private static final String SAME = "PRECONDITION_FAILED - inequivalent arg ";
  private static final String Q = "queue 'q' in vhost '/'";
  private static final String X = "exchange 'x' in vhost '/'";

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Amqp.onAnyPort())
                  .limits(Limits.defaults().with(Limit.EXCHANGES, 10).with(Limit.QUEUES, 3))
                  .authorizer((who, action, what) -> !what.name().startsWith(secret(action))))
          .realTime();

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

  /** Something done on a channel. */
  @FunctionalInterface
  private interface Step {
    void on(Channel channel) throws IOException;
  }

  private static Step queue(Map<String, Object> arguments) {
    return channel -> channel.queueDeclare("q", false, false, false, arguments);
  }

  private static Step exchange(Map<String, Object> arguments) {
    return channel -> channel.exchangeDeclare("x", "direct", false, false, arguments);
  }

  private static Step consume(Map<String, Object> arguments) {
    return channel ->
        channel.basicConsume("q", true, "", false, false, arguments, (t, delivery) -> {}, t -> {});
  }

  private static Step publish(String expiration) {
    return channel ->
        channel.basicPublish(
            "",
            "q",
            new AMQP.BasicProperties.Builder().expiration(expiration).build(),
            new byte[0]);
  }

  private static Arguments again(
      Map<String, Object> first, Map<String, Object> second, String text) {
    return Arguments.of(queue(first), queue(second), SAME + text);
  }

  static Stream<Arguments> declaredAgain() {
    return Stream.of(
        again(
            Map.of(),
            Map.of("x-message-ttl", 1000),
            "'x-message-ttl' for "
                + Q
                + ": received the value '1000' of type 'signedint'"
                + " but current is none"),
        again(
            Map.of("x-message-ttl", 1000),
            Map.of(),
            "'x-message-ttl' for "
                + Q
                + ": received none but current is the value '1000' of type"
                + " 'signedint'"),
        again(
            Map.of("x-message-ttl", 1000L),
            Map.of("x-message-ttl", 2000),
            "'x-message-ttl' for " + Q + ": received '2000' but current is '1000'"),
        again(
            Map.of("x-message-ttl", 1000),
            Map.of("x-message-ttl", "soon"),
            "'x-message-ttl' for " + Q + ": received 'soon' but current is '1000'"),
        again(
            Map.of("x-expires", 60_000L),
            Map.of(),
            "'x-expires' for "
                + Q
                + ": received none but current is the value '60000' of type"
                + " 'long'"),
        again(
            Map.of("x-message-ttl", 1000, "x-expires", 60_000),
            Map.of("x-message-ttl", 1000, "x-expires", 70_000),
            "'x-expires' for " + Q + ": received '70000' but current is '60000'"),
        again(
            Map.of(),
            Map.of("x-max-length", 10),
            "'x-max-length' for "
                + Q
                + ": received the value '10' of type 'signedint' but current"
                + " is none"),
        again(
            Map.of(),
            Map.of("x-dead-letter-exchange", "dlx"),
            "'x-dead-letter-exchange' for "
                + Q
                + ": received the value 'dlx' of type 'longstr' but"
                + " current is none"),
        again(
            Map.of(),
            Map.of("x-single-active-consumer", true),
            "'x-single-active-consumer' for "
                + Q
                + ": received the value 'true' of type 'bool' but"
                + " current is none"),
        again(
            Map.of(),
            Map.of("x-queue-type", "quorum"),
            "'x-queue-type' for " + Q + ": received 'quorum' but current is 'classic'"),
        Arguments.of(
            queue(Map.of()),
            (Step) channel -> channel.queueDeclare("q", true, false, false, null),
            SAME + "'durable' for " + Q + ": received 'true' but current is 'false'"),
        Arguments.of(
            queue(Map.of()),
            (Step) channel -> channel.queueDeclare("q", false, false, true, null),
            SAME + "'auto_delete' for " + Q + ": received 'true' but current is 'false'"),
        Arguments.of(
            queue(Map.of()),
            (Step) channel -> channel.queueDeclare("q", false, true, false, null),
            "RESOURCE_LOCKED - cannot obtain exclusive access to locked "
                + Q
                + ". It could be"
                + " originally declared on another connection or the exclusive property value does"
                + " not match that of the original declaration."),
        Arguments.of(
            exchange(Map.of()),
            (Step) channel -> channel.exchangeDeclare("x", "fanout"),
            SAME + "'type' for " + X + ": received 'fanout' but current is 'direct'"),
        Arguments.of(
            exchange(Map.of()),
            (Step) channel -> channel.exchangeDeclare("x", "direct", true),
            SAME + "'durable' for " + X + ": received 'true' but current is 'false'"),
        Arguments.of(
            exchange(Map.of()),
            (Step) channel -> channel.exchangeDeclare("x", "direct", false, true, null),
            SAME + "'auto_delete' for " + X + ": received 'true' but current is 'false'"),
        Arguments.of(
            exchange(Map.of()),
            (Step) channel -> channel.exchangeDeclare("x", "direct", false, false, true, null),
            SAME + "'internal' for " + X + ": received 'true' but current is 'false'"),
        Arguments.of(
            exchange(Map.of()),
            exchange(Map.of("alternate-exchange", "ae")),
            SAME
                + "'alternate-exchange' for "
                + X
                + ": received the value 'ae' of type 'longstr'"
                + " but current is none"),
        Arguments.of(
            exchange(Map.of("alternate-exchange", "ae")),
            exchange(Map.of()),
            SAME
                + "'alternate-exchange' for "
                + X
                + ": received none but current is the value 'ae'"
                + " of type 'longstr'"),
        Arguments.of(
            exchange(Map.of("alternate-exchange", "ae")),
            exchange(Map.of("alternate-exchange", "other")),
            SAME + "'alternate-exchange' for " + X + ": received 'other' but current is 'ae'"));
  }

  static Stream<Arguments> refused() {
    Step q = queue(Map.of());
    Step x = exchange(Map.of());
    String argument = "PRECONDITION_FAILED - invalid arg ";
    return Stream.of(
        Arguments.of(
            queue(Map.of("x-message-ttl", -1)),
            argument + "'x-message-ttl' for " + Q + ": {value_negative,-1}"),
        Arguments.of(
            queue(Map.of("x-expires", 0)), argument + "'x-expires' for " + Q + ": {value_zero,0}"),
        Arguments.of(
            queue(Map.of("x-expires", 4_294_967_296L)),
            argument + "'x-expires' for " + Q + ": {value_too_large,4294967296}"),
        Arguments.of(
            queue(Map.of("x-message-ttl", "soon")),
            argument + "'x-message-ttl' for " + Q + ": \"expected integer, got longstr\""),
        Arguments.of(
            queue(Map.of("x-message-ttl", new BigDecimal("1.5"))),
            argument + "'x-message-ttl' for " + Q + ": \"expected integer, got decimal\""),
        Arguments.of(
            queue(Map.of("x-message-ttl", List.of(1))),
            argument + "'x-message-ttl' for " + Q + ": \"expected integer, got array\""),
        Arguments.of(
            queue(Map.of("x-message-ttl", Map.of("a", 1))),
            argument + "'x-message-ttl' for " + Q + ": \"expected integer, got table\""),
        Arguments.of(
            queue(Map.of("x-expires", Date.from(Instant.EPOCH))),
            argument + "'x-expires' for " + Q + ": \"expected integer, got timestamp\""),
        Arguments.of(
            queue(Map.of("x-max-length", -1)),
            argument + "'x-max-length' for " + Q + ": {value_negative,-1}"),
        Arguments.of(
            queue(Map.of("x-max-length-bytes", "much")),
            argument + "'x-max-length-bytes' for " + Q + ": \"expected integer, got longstr\""),
        Arguments.of(
            queue(Map.of("x-overflow", "drop-tail")),
            argument + "'x-overflow' for " + Q + ": invalid_overflow"),
        Arguments.of(
            queue(Map.of("x-overflow", 1)),
            argument + "'x-overflow' for " + Q + ": {unacceptable_type,signedint}"),
        Arguments.of(
            queue(Map.of("x-dead-letter-exchange", 1)),
            argument + "'x-dead-letter-exchange' for " + Q + ": {unacceptable_type,signedint}"),
        Arguments.of(
            queue(Map.of("x-dead-letter-routing-key", "k")),
            argument + "'x-dead-letter-routing-key' for " + Q + ": routing_key_but_no_dlx_defined"),
        Arguments.of(
            queue(Map.of("x-dead-letter-strategy", "sometimes")),
            argument + "'x-dead-letter-strategy' for " + Q + ": invalid_dlx_strategy"),
        Arguments.of(
            queue(Map.of("x-queue-type", "strange")),
            argument + "'x-queue-type' for " + Q + ": \"unsupported queue type 'strange'\""),
        Arguments.of(
            exchange(Map.of("alternate-exchange", 5)),
            "PRECONDITION_FAILED - invalid type 'signedint' for arg 'alternate-exchange' in " + X),
        Arguments.of(
            both(
                q, channel -> channel.queueBind("q", "amq.headers", "", Map.of("x-match", "some"))),
            "PRECONDITION_FAILED - Invalid x-match field value 'some'; expected all, any,"
                + " all-with-x, or any-with-x"),
        Arguments.of(
            both(q, channel -> channel.queueBind("q", "amq.headers", "", Map.of("x-match", 1))),
            "PRECONDITION_FAILED - Invalid x-match field type; expected longstr"),
        Arguments.of(
            both(q, both(publish(null), channel -> channel.queueDelete("q", false, true))),
            "PRECONDITION_FAILED - " + Q + " not empty"),
        Arguments.of(
            both(q, both(consume(Map.of()), channel -> channel.queueDelete("q", true, false))),
            "PRECONDITION_FAILED - " + Q + " in use"),
        Arguments.of(
            both(
                q,
                both(
                    consume(Map.of()),
                    channel ->
                        channel.basicConsume(
                            "q", true, "", false, true, null, (t, delivery) -> {}, t -> {}))),
            "ACCESS_REFUSED - " + Q + " in exclusive use"),
        Arguments.of(
            both(q, consume(Map.of("x-priority", "high"))),
            argument + "'x-priority' for " + Q + ": \"expected integer\""),
        Arguments.of(
            both(
                x,
                both(
                    channel -> channel.exchangeBind("amq.fanout", "x", ""),
                    channel -> channel.exchangeDelete("x", true))),
            "PRECONDITION_FAILED - " + X + " in use"),
        Arguments.of(
            (Step) channel -> channel.exchangeDelete("amq.direct"),
            "ACCESS_REFUSED - deletion of system exchange 'amq.direct' in vhost '/' not allowed"),
        Arguments.of(
            (Step) channel -> channel.queueDeclare("amq.q", false, false, false, null),
            "ACCESS_REFUSED - queue name 'amq.q' contains reserved prefix 'amq.*'"),
        Arguments.of(
            (Step) channel -> channel.queueDeclare("mqtt.q", false, false, false, null),
            "ACCESS_REFUSED - queue name 'mqtt.q' contains reserved prefix 'mqtt.*'"),
        Arguments.of(
            (Step) channel -> channel.exchangeDeclare("amq.x", "direct"),
            "ACCESS_REFUSED - exchange name 'amq.x' contains reserved prefix 'amq.*'"),
        Arguments.of((Step) channel -> channel.queueDeclarePassive("q"), "NOT_FOUND - no " + Q),
        Arguments.of((Step) channel -> channel.exchangeDeclarePassive("x"), "NOT_FOUND - no " + X),
        Arguments.of(
            (Step)
                channel -> {
                  channel.exchangeDeclare("inner", "direct", false, false, true, null);
                  channel.basicPublish("inner", "", null, new byte[0]);
                },
            "ACCESS_REFUSED - cannot publish to internal exchange 'inner' in vhost '/'"),
        Arguments.of(
            (Step)
                channel -> {
                  for (int i = 0; i < 9; i++) {
                    channel.exchangeDeclare("x" + i, "direct");
                  }
                },
            "PRECONDITION_FAILED - cannot declare exchange 'x3' in vhost '/': exchange limit of 10"
                + " is reached"),
        Arguments.of(
            (Step)
                channel -> {
                  for (int i = 0; i < 9; i++) {
                    channel.queueDeclare("q" + i, false, false, false, null);
                  }
                },
            "PRECONDITION_FAILED - cannot declare queue 'q3' in vhost '/': queue limit in vhost '/'"
                + " (3) is reached"),
        Arguments.of(
            both(q, publish("soon")),
            "PRECONDITION_FAILED - invalid expiration 'soon': no_integer"),
        Arguments.of(
            both(q, publish("5s")),
            "PRECONDITION_FAILED - invalid expiration '5s': {leftover_string,\"s\"}"),
        Arguments.of(
            both(q, publish("-1")),
            "PRECONDITION_FAILED - invalid expiration '-1': {value_negative,-1}"),
        Arguments.of(
            both(q, publish("99999999999999999999")),
            "PRECONDITION_FAILED - invalid expiration '99999999999999999999':"
                + " {value_too_large,99999999999999999999}"));
  }

  static Stream<Arguments> notPermitted() {
    String queue = " access to queue 'secret.%s' in vhost '/' refused for user 'guest'";
    String exchange = " access to exchange 'secret.%s' in vhost '/' refused for user 'guest'";
    return Stream.of(
        Arguments.of(
            (Step)
                channel ->
                    channel.queueDeclare(secret(Action.CONFIGURE), false, false, false, null),
            "configure" + queue.formatted(Action.CONFIGURE)),
        Arguments.of(
            (Step) channel -> channel.exchangeDeclare(secret(Action.CONFIGURE), "topic"),
            "configure" + exchange.formatted(Action.CONFIGURE)),
        Arguments.of(
            (Step)
                channel -> {
                  channel.queueDeclare(secret(Action.READ), false, false, false, null);
                  channel.basicGet(secret(Action.READ), true);
                },
            "read" + queue.formatted(Action.READ)),
        Arguments.of(
            (Step)
                channel -> {
                  channel.exchangeDeclare(secret(Action.WRITE), "direct");
                  channel.basicPublish(secret(Action.WRITE), "", null, new byte[0]);
                },
            "write" + exchange.formatted(Action.WRITE)),
        Arguments.of(
            (Step)
                channel -> {
                  channel.queueDeclare(secret(Action.WRITE), false, false, false, null);
                  channel.queueBind(secret(Action.WRITE), "amq.direct", "");
                },
            "write" + queue.formatted(Action.WRITE)),
        Arguments.of(
            (Step)
                channel ->
                    channel.basicPublish("amq.topic", secret(Action.WRITE), null, new byte[0]),
            "write access to topic 'secret.WRITE' in exchange 'amq.topic' in vhost '/'"
                + " refused for user 'guest'"),
        Arguments.of(
            (Step)
                channel -> {
                  channel.queueDeclare("q", false, false, false, null);
                  channel.queueBind("q", "amq.topic", secret(Action.READ));
                },
            "read access to topic 'secret.READ' in exchange 'amq.topic' in vhost '/'"
                + " refused for user 'guest'"));
  }

  private static String secret(Action action) {
    return "secret." + action;
  }

  private static Step both(Step first, Step second) {
    return channel -> {
      first.on(channel);
      second.on(channel);
    };
  }

  @ParameterizedTest(name = "{2}")
  @MethodSource("declaredAgain")
  @Tag("amqp091:inequivalent-arguments")
  void whatIsDeclaredOtherwiseNamesTheArgument(Step first, Step second, String text)
      throws Exception {
    first.on(connection.createChannel());

    assertThat(replyTo(second)).isEqualTo(text);
    // The same again is no other.
    first.on(connection.createChannel());
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("refused")
  @Tag("amqp091:argument-validation")
  void whatIsRefusedIsSaidInRabbitMqsWords(Step step, String text) throws Exception {
    assertThat(replyTo(step)).isEqualTo(text);
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("notPermitted")
  void whatIsNotPermittedNamesTheRightAndTheResource(Step step, String text) throws Exception {
    assertThat(replyTo(step)).isEqualTo("ACCESS_REFUSED - " + text);
  }

  private String replyTo(Step step) throws Exception {
    Channel channel = connection.createChannel();
    var ends = new LinkedBlockingQueue<ShutdownSignalException>();
    channel.addShutdownListener(ends::add);
    try {
      step.on(channel);
    } catch (IOException | ShutdownSignalException closed) {
      // The listener has heard why.
    }
    ShutdownSignalException end = ends.poll(10, TimeUnit.SECONDS);
    assertThat(end).as("the channel is closed").isNotNull();
    return ((AMQP.Channel.Close) end.getReason()).getReplyText();
  }
}
