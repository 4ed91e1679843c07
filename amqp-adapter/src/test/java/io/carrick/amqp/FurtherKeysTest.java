package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import io.carrick.Broker;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.spi.Authorizer.Action;
import io.carrick.spi.Resource;
import java.io.IOException;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** RabbitMQ's own client and the headers CC and BCC. */
@Timeout(60)
class FurtherKeysTest {

  private final Broker broker =
      EmbeddedBroker.builder()
          .adapter(Amqp.onAnyPort())
          .authorizer(
              (who, action, what) ->
                  action != Action.WRITE
                      || what.kind() != Resource.Kind.TOPIC
                      || !what.name().startsWith("secret"))
          .start();
  private final BlockingQueue<ShutdownSignalException> closed = new LinkedBlockingQueue<>();
  private Connection connection;
  private Channel channel;

  @BeforeEach
  void connect() throws Exception {
    var factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(broker.address("amqp").getPort());
    factory.setAutomaticRecoveryEnabled(false);
    connection = factory.newConnection();
    channel = connection.createChannel();
    channel.addShutdownListener(closed::add);
    for (String queue : List.of("a", "b", "c")) {
      channel.queueDeclare(queue, false, false, false, null);
    }
  }

  @AfterEach
  void close() {
    connection.abort();
    broker.close();
  }

  private static Map<String, Object> headers(Object cc, Object bcc) {
    var headers = new HashMap<String, Object>();
    headers.put("other", "stays");
    if (cc != null) {
      headers.put("CC", cc);
    }
    if (bcc != null) {
      headers.put("BCC", bcc);
    }
    return headers;
  }

  private void publish(String exchange, String key, Map<String, Object> headers)
      throws IOException {
    var properties = new AMQP.BasicProperties.Builder().headers(headers).type("t").build();
    channel.basicPublish(exchange, key, properties, new byte[0]);
  }

  private GetResponse get(String queue) throws IOException {
    return channel.basicGet(queue, true);
  }

  /** Checks that each of the queues has the message once, with nothing said of blind copies. */
  private void expectIn(String... queues) throws IOException {
    for (String queue : List.of("a", "b", "c")) {
      GetResponse got = get(queue);
      if (List.of(queues).contains(queue)) {
        assertThat(got).as(queue).isNotNull();
        Map<String, Object> shown = got.getProps().getHeaders();
        assertThat(shown).doesNotContainKey("BCC");
        assertThat(shown.get("other")).hasToString("stays");
        assertThat(got.getProps().getType()).isEqualTo("t");
        assertThat(got.getEnvelope().getRoutingKey()).isEqualTo("a");
      } else {
        assertThat(got).as(queue).isNull();
      }
      assertThat(get(queue)).as("once in " + queue).isNull();
    }
  }

  @Test
  @Tag("amqp091:CC")
  void aMessageGoesToTheQueuesOfAllItsKeysOnce() throws Exception {
    publish("", "a", headers(List.of("b", "a", "b", "nowhere"), null));
    expectIn("a", "b");
  }

  @Test
  @Tag("amqp091:BCC")
  void blindCopiesGoAsWellAndNobodySeesToWhom() throws Exception {
    publish("", "a", headers(List.of("b"), List.of("c", "b")));
    GetResponse copy = get("b");
    assertThat(copy.getProps().getHeaders()).doesNotContainKey("BCC");
    assertThat((List<?>) copy.getProps().getHeaders().get("CC")).hasSize(1);

    publish("", "a", headers(null, List.of("b")));
    publish("", "a", headers(null, List.of("b"))); // of the same bytes as the one before
    for (int i = 0; i < 2; i++) {
      assertThat(get("b").getProps().getHeaders()).doesNotContainKeys("CC", "BCC");
    }
    assertThat(get("b")).isNull();
  }

  @Test
  @Tag("amqp091:CC")
  void theKeysCountForEveryExchangeOnTheWay() throws Exception {
    channel.exchangeDeclare("source", "direct", false, true, null);
    channel.exchangeDeclare("target", "topic", false, true, null);
    channel.exchangeBind("target", "source", "first");
    channel.queueBind("b", "target", "second.#");
    channel.queueBind("c", "source", "third");
    publish("source", "a", headers(List.of("first"), List.of("second.x", "third")));
    expectIn("b", "c");
  }

  @Test
  @Tag("amqp091:CC")
  void anAlternateExchangeGetsWhatNoneOfTheKeysMatches() throws Exception {
    channel.exchangeDeclare("other", "fanout");
    channel.queueBind("c", "other", "");
    channel.exchangeDeclare("x", "direct", false, false, Map.of("alternate-exchange", "other"));
    channel.queueBind("b", "x", "first");
    publish("x", "a", headers(List.of("first"), null));
    expectIn("b");
    publish("x", "a", headers(List.of("none"), null));
    expectIn("c");
  }

  @Test
  @Tag("amqp091:BCC")
  void aDeadLetterKeepsAllItsKeysAndTellsOfTheOpenOnes() throws Exception {
    Map<String, Object> oneAndDead = Map.of("x-max-length", 0, "x-dead-letter-exchange", "dead");
    channel.exchangeDeclare("dead", "direct");
    channel.queueDeclare("source", false, false, false, oneAndDead);
    channel.queueBind("b", "dead", "open");
    channel.queueBind("c", "dead", "blind");
    publish("", "source", headers(List.of("open"), List.of("blind")));
    assertThat(get("source")).isNull(); // answered behind the turn in which it was given up

    for (String queue : List.of("b", "c")) {
      GetResponse got = get(queue);
      assertThat(got).as(queue).isNotNull();
      assertThat(got.getProps().getHeaders()).doesNotContainKey("BCC");
      var death = (Map<?, ?>) ((List<?>) got.getProps().getHeaders().get("x-death")).get(0);
      assertThat(death.get("routing-keys")).hasToString("[source, open]");
    }
  }

  @Test
  @Tag("amqp091:CC")
  void aDeadLetterWithARoutingKeyOfItsQueueHasOnlyThat() throws Exception {
    channel.exchangeDeclare("dead", "direct");
    channel.queueDeclare(
        "source",
        false,
        false,
        false,
        Map.of(
            "x-max-length", 0, "x-dead-letter-exchange", "dead", "x-dead-letter-routing-key", "k"));
    channel.queueBind("b", "dead", "open");
    channel.queueBind("c", "dead", "k");
    publish("", "source", headers(List.of("open"), null));
    assertThat(get("source")).isNull();

    assertThat(get("c")).isNotNull();
    assertThat(get("b")).isNull();
  }

  static List<List<Object>> wrong() {
    return List.of(
        List.of("text", "longstr"),
        List.of(0, "signedint"),
        List.of(true, "bool"),
        List.of(1L, "long"),
        List.of((short) 1, "short"),
        List.of((byte) 1, "byte"),
        List.of(1.5, "double"),
        List.of(1.5f, "float"),
        List.of(new Date(0), "timestamp"),
        List.of(Map.of(), "table"),
        List.of(new byte[1], "binary"));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  @Tag("amqp091:CC")
  void whatIsNoArrayIsRefused(List<Object> valueAndType) throws Exception {
    publish("", "a", headers(null, valueAndType.get(0)));

    var why = (AMQP.Channel.Close) closed.poll(10, TimeUnit.SECONDS).getReason();
    assertThat(why.getReplyCode()).isEqualTo(406);
    assertThat(why.getReplyText())
        .isEqualTo(
            "PRECONDITION_FAILED - invalid message: {unacceptable_type_in_header,\"BCC\","
                + valueAndType.get(1)
                + "}");
    assertThat(why.getClassId()).isEqualTo(60);
    assertThat(why.getMethodId()).isEqualTo(40);
  }

  @Test
  @Tag("amqp091:CC")
  void whatIsNoTextInTheArrayIsPassedOver() throws Exception {
    publish("", "a", headers(List.of(7, "b"), List.of()));
    expectIn("a", "b");
  }

  @Test
  @Tag("amqp091:BCC")
  void permissionIsNeededForEachTopic() throws Exception {
    publish("amq.topic", "open", headers(null, List.of("secret.plans")));

    var why = (AMQP.Channel.Close) closed.poll(10, TimeUnit.SECONDS).getReason();
    assertThat(why.getReplyCode()).isEqualTo(403);
  }
}
