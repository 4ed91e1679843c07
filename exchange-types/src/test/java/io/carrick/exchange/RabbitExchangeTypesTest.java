package io.carrick.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.testing.BrokerExtension;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What RabbitMQ's Java client sees of each type. */
class RabbitExchangeTypesTest {

  private static final long TIMEOUT_MS = TimeUnit.SECONDS.toMillis(20);

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
          EmbeddedBroker.builder().adapter(Amqp.onAnyPort()).exchangeTypes(ExchangeTypes.all()));

  private Connection connection;
  private Channel channel;

  @BeforeEach
  void connect() throws Exception {
    var factory = new ConnectionFactory();
    factory.setPort(broker.broker().address("amqp").getPort());
    factory.setRequestedHeartbeat(0);
    connection = factory.newConnection();
    channel = connection.createChannel();
    channel.confirmSelect();
  }

  @AfterEach
  void disconnect() {
    connection.abort();
  }

  private void publish(String exchange, String key, String text, Map<String, Object> headers)
      throws Exception {
    var properties = new BasicProperties.Builder().deliveryMode(2).headers(headers).build();
    channel.basicPublish(exchange, key, properties, text.getBytes(StandardCharsets.UTF_8));
    channel.waitForConfirmsOrDie(TIMEOUT_MS);
  }

  private List<GetResponse> drain(String queue) throws IOException {
    var all = new ArrayList<GetResponse>();
    for (GetResponse next = channel.basicGet(queue, true);
        next != null;
        next = channel.basicGet(queue, true)) {
      all.add(next);
    }
    return all;
  }

  private List<String> texts(String queue) throws IOException {
    return drain(queue).stream()
        .map(got -> new String(got.getBody(), StandardCharsets.UTF_8))
        .toList();
  }

  private void declare(String exchange, String type, Map<String, Object> arguments)
      throws IOException {
    channel.exchangeDeclare(exchange, type, true, false, arguments);
  }

  private void bind(String exchange, String queue, String key) throws IOException {
    channel.queueDeclare(queue, true, false, false, null);
    channel.queueBind(queue, exchange, key);
  }

  private static String reason(Throwable thrown) {
    return ((ShutdownSignalException) thrown.getCause()).getReason().toString();
  }

  @Test
  @Tag("amqp091:x-consistent-hash")
  void messagesOfOneHeaderGoToOneQueue() throws Exception {
    declare("hashed", "x-consistent-hash", Map.of("hash-header", "customer"));
    for (int i = 0; i < 4; i++) {
      bind("hashed", "q" + i, "1");
    }
    for (int i = 0; i < 100; i++) {
      publish("hashed", "k" + i, "m", Map.of("customer", i % 20));
    }
    var queueOf = new HashMap<Object, String>();
    int count = 0;
    for (int i = 0; i < 4; i++) {
      for (GetResponse got : drain("q" + i)) {
        Object customer = got.getProps().getHeaders().get("customer");
        String before = queueOf.put(customer, "q" + i);
        assertThat(before).isIn(null, "q" + i);
        count++;
      }
    }
    assertThat(count).isEqualTo(100);
    assertThat(queueOf).hasSize(20);
    assertThat(queueOf.values()).contains("q0", "q1", "q2", "q3");
  }

  @Test
  @Tag("amqp091:x-consistent-hash")
  void aWeightThatIsNoneClosesTheChannelWith406() throws Exception {
    declare("hashed", "x-consistent-hash", null);
    assertThatThrownBy(() -> bind("hashed", "q", "heavy"))
        .satisfies(
            thrown ->
                assertThat(reason(thrown))
                    .contains("reply-code=406")
                    .contains("The binding key must be an integer: <<\"heavy\">>"));
  }

  @Test
  @Tag("amqp091:x-modulus-hash")
  @Tag("amqp091:x-random")
  @Tag("amqp091:x-local-random")
  void eachMessageGoesToOneOfTheQueues() throws Exception {
    for (String type : List.of("x-modulus-hash", "x-random", "x-local-random")) {
      declare(type, type, null);
      for (int i = 0; i < 3; i++) {
        bind(type, type + i, "");
      }
      for (int i = 0; i < 60; i++) {
        publish(type, "key" + i, "m" + i, null);
      }
      var all = new ArrayList<String>();
      for (int i = 0; i < 3; i++) {
        List<String> of = texts(type + i);
        assertThat(of).as(type).isNotEmpty();
        all.addAll(of);
      }
      assertThat(all).as(type).hasSize(60).doesNotHaveDuplicates();
    }
  }

  @Test
  @Tag("amqp091:x-delayed-message")
  void aMessageComesWhenItHasWaitedWithTheDelayNegated() throws Exception {
    declare("later", "x-delayed-message", Map.of("x-delayed-type", "direct"));
    bind("later", "q", "k");
    publish("later", "k", "later", Map.of("x-delay", 5_000, "mine", "kept"));
    publish("later", "k", "sooner", Map.of("x-delay", 1_000));
    publish("later", "k", "at once", Map.of("x-delay", -1_000));
    publish("later", "none", "nowhere", Map.of("x-delay", 1_000));

    assertThat(texts("q")).containsExactly("at once");
    broker.advance(Duration.ofMillis(1_000));
    assertThat(texts("q")).containsExactly("sooner");
    broker.advance(Duration.ofMillis(3_999));
    assertThat(texts("q")).isEmpty();
    broker.advance(Duration.ofMillis(1));

    GetResponse got = channel.basicGet("q", true);
    assertThat(new String(got.getBody(), StandardCharsets.UTF_8)).isEqualTo("later");
    assertThat(got.getProps().getHeaders()).containsEntry("x-delay", -5_000).hasSize(2);
    assertThat(got.getProps().getHeaders().get("mine")).hasToString("kept");
    assertThat(got.getProps().getDeliveryMode()).isEqualTo(2);
    assertThat(broker.broker().metrics().value("messages.unroutable")).isEqualTo(1);
  }

  @Test
  @Tag("amqp091:x-delayed-message")
  void aMandatoryMessageThatWaitsIsNotReturned() throws Exception {
    declare("later", "x-delayed-message", Map.of("x-delayed-type", "fanout"));
    var returned = new ArrayList<String>();
    channel.addReturnListener(
        (code, text, exchange, key, properties, body) ->
            returned.add(new String(body, StandardCharsets.UTF_8)));
    for (int delay : new int[] {1_000, 0}) {
      channel.basicPublish(
          "later",
          "",
          true,
          new BasicProperties.Builder().headers(Map.of("x-delay", delay)).build(),
          Integer.toString(delay).getBytes(StandardCharsets.UTF_8));
      channel.waitForConfirmsOrDie(TIMEOUT_MS);
    }
    assertThat(returned).containsExactly("0");
  }

  @Test
  @Tag("amqp091:x-delayed-message")
  void aDelayedExchangeThatNamesNoTypeIsRefused() {
    assertThatThrownBy(() -> declare("later", "x-delayed-message", null))
        .satisfies(
            thrown ->
                assertThat(reason(thrown))
                    .contains("reply-code=406")
                    .contains("Invalid argument, 'x-delayed-type' must be an existing"));
  }

  @Test
  @Tag("amqp091:x-delayed-message")
  void aDelayedExchangeOfATypeThatIsNotThereClosesTheConnectionWith503() {
    assertThatThrownBy(
            () -> declare("later", "x-delayed-message", Map.of("x-delayed-type", "x-none")))
        .satisfies(
            thrown ->
                assertThat(reason(thrown))
                    .contains("reply-code=503")
                    .contains("unknown exchange type 'x-none'"));
  }

  @Test
  @Tag("amqp091:x-recent-history")
  void aQueueOrExchangeThatIsBoundGetsTheLastMessages() throws Exception {
    declare("recent", "x-recent-history", Map.of("x-recent-history-length", 2));
    bind("recent", "early", "");
    for (String text : List.of("one", "two", "three")) {
      publish("recent", "k", text, null);
    }
    publish("recent", "k", "passing", Map.of("x-recent-history-no-store", true));

    bind("recent", "late", "");
    channel.queueBind("late", "recent", ""); // again, which changes nothing
    channel.exchangeDeclare("behind", "direct");
    bind("behind", "by key", "k");
    channel.exchangeBind("behind", "recent", "");
    publish("recent", "k", "four", null);

    assertThat(texts("early")).containsExactly("one", "two", "three", "passing", "four");
    assertThat(texts("late")).containsExactly("two", "three", "four");
    assertThat(texts("by key")).containsExactly("two", "three", "four");
  }
}
