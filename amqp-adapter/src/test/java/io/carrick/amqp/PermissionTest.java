package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import io.carrick.Client;
import io.carrick.Identity;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.spi.Authorizer.Action;
import io.carrick.spi.Resource;
import io.carrick.spi.Resource.Kind;
import io.carrick.testing.BrokerExtension;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the authorizer is asked for AMQP's methods, seen by RabbitMQ's client: as RabbitMQ asks, and
 * before anything tells what is there.
 */
@Timeout(30)
class PermissionTest {

  private final Set<String> refused = ConcurrentHashMap.newKeySet();
  private final List<String> asked = new CopyOnWriteArrayList<>();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Amqp.onAnyPort())
                  .authenticator(shown -> Optional.of(Identity.ofUser(shown.user())))
                  .authorizer(this::allows))
          .realTime();

  private Connection connection;

  private boolean allows(Identity who, Action action, Resource what) {
    asked.add(action + " " + what.kind() + " " + what.name());
    boolean foreign =
        what.name().startsWith("anna.") || what.name().equals(Resource.DEFAULT_EXCHANGE);
    boolean bobMay = what.kind() == Kind.VIRTUAL_HOST || !foreign;
    return !refused.contains(action + " " + what.kind()) && (!who.user().equals("bob") || bobMay);
  }

  @BeforeEach
  void connect() throws Exception {
    connection = connect("guest");
  }

  private Connection connect(String user) throws Exception {
    var factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(broker.broker().address("amqp").getPort());
    factory.setUsername(user);
    factory.setAutomaticRecoveryEnabled(false);
    return factory.newConnection("test");
  }

  @AfterEach
  void close() {
    connection.abort();
  }

  /** Something done with a name. */
  @FunctionalInterface
  private interface Step {
    void on(Channel channel, String name) throws IOException;
  }

  private static Arguments asks(String question, Step step) {
    return Arguments.of(question, step);
  }

  static Stream<Arguments> methods() {
    return Stream.of(
        asks("CONFIGURE QUEUE", (c, name) -> c.queueDeclare(name, false, false, false, null)),
        asks("CONFIGURE QUEUE", (c, name) -> c.queueDelete(name)),
        asks("READ QUEUE", (c, name) -> c.queuePurge(name)),
        asks("READ QUEUE", (c, name) -> c.basicGet(name, true)),
        asks("READ QUEUE", (c, name) -> c.basicConsume(name, (tag, d) -> {}, tag -> {})),
        asks("WRITE QUEUE", (c, name) -> c.queueBind(name, "amq.direct", "k")),
        asks("WRITE QUEUE", (c, name) -> c.queueUnbind(name, "amq.direct", "k")),
        asks("READ EXCHANGE", (c, name) -> c.queueBind("there", name, "k")),
        asks("READ EXCHANGE", (c, name) -> c.queueUnbind("there", name, "k")),
        asks("CONFIGURE EXCHANGE", (c, name) -> c.exchangeDeclare(name, "direct")),
        asks("CONFIGURE EXCHANGE", (c, name) -> c.exchangeDelete(name)),
        asks("WRITE EXCHANGE", (c, name) -> c.exchangeBind(name, "amq.direct", "k")),
        asks("WRITE EXCHANGE", (c, name) -> c.exchangeUnbind(name, "amq.direct", "k")),
        asks("READ EXCHANGE", (c, name) -> c.exchangeBind("there", name, "k")),
        asks("WRITE EXCHANGE", (c, name) -> c.basicPublish(name, "k", null, new byte[1])));
  }

  @ParameterizedTest
  @MethodSource("methods")
  void aRefusalDoesNotTellWhatIsThere(String question, Step step) throws Exception {
    Channel channel = connection.createChannel();
    channel.queueDeclare("there", false, false, false, null);
    channel.exchangeDeclare("there", "direct");
    refused.add(question);

    String there = endOf(connection, c -> step.on(c, "there"));
    String missing = endOf(connection, c -> step.on(c, "missing"));

    assertThat(there).startsWith("ACCESS_REFUSED - ").contains(" refused for user 'guest'");
    assertThat(missing).isEqualTo(there.replace("'there'", "'missing'"));
  }

  @Test
  void aPassiveDeclareAsksNobody() throws Exception {
    Channel channel = connection.createChannel();
    channel.queueDeclare("q", false, false, false, null);
    asked.clear();

    channel.queueDeclarePassive("q");
    channel.exchangeDeclarePassive("amq.topic");

    assertThat(asked).isEmpty();
  }

  @Test
  void aGeneratedNameIsAskedForAsTheQueueReallyGetsIt() throws Exception {
    String name = connection.createChannel().queueDeclare().getQueue();

    assertThat(name).startsWith("amq.gen-");
    assertThat(asked).contains("CONFIGURE QUEUE " + name);
  }

  @Test
  void theDefaultExchangeHasARealName() throws Exception {
    Connection bob = connect("bob");

    String end = endOf(bob, c -> c.basicPublish("", "anna.q", null, new byte[1]));

    assertThat(end)
        .isEqualTo(
            "ACCESS_REFUSED - write access to exchange 'amq.default' in vhost '/' refused for user"
                + " 'bob'");
    bob.abort();
  }

  @Test
  void aTopicIsAskedForWithItsExchange() throws Exception {
    refused.add("WRITE TOPIC");

    String end = endOf(connection, c -> c.basicPublish("amq.topic", "a.b", null, new byte[1]));

    assertThat(end).contains("write access to topic 'a.b' in exchange 'amq.topic' in vhost '/'");
  }

  @Test
  void nobodyReachesAnothersQueueThroughAnAlternateExchange() throws Exception {
    try (Client anna = broker.broker().connect()) {
      anna.topology().exchange("anna.x", "fanout").declare();
    }
    Connection bob = connect("bob");

    for (String foreign : List.of("anna.x", "anna.missing", "")) {
      String end = endOf(bob, c -> alternate(c, "bob.x", foreign));
      assertThat(end)
          .isEqualTo(
              "ACCESS_REFUSED - write access to exchange '%s' in vhost '/' refused for user 'bob'",
              foreign.isEmpty() ? "amq.default" : foreign);
    }
    Channel channel = bob.createChannel();
    alternate(channel, "bob.x", "bob.y");
    alternate(channel, "bob.x", "bob.y");
    bob.abort();
  }

  @Test
  void anAlternateExchangeNeedsReadingFromTheExchangeThatHasIt() throws Exception {
    refused.add("READ EXCHANGE");

    assertThat(endOf(connection, c -> alternate(c, "x", "y")))
        .contains("read access to exchange 'x' in vhost '/'");
  }

  @Test
  void whatIsThereAlreadyIsNotAskedForAgain() throws Exception {
    try (Client anna = broker.broker().connect()) {
      anna.topology().exchange("shared", "fanout").alternate("anna.x").declare();
    }
    Connection bob = connect("bob");

    bob.createChannel()
        .exchangeDeclare("shared", "fanout", false, false, Map.of("alternate-exchange", "anna.x"));

    bob.abort();
  }

  @Test
  void nobodyReachesAnothersQueueThroughADeadLetterExchange() throws Exception {
    Connection bob = connect("bob");

    assertThat(endOf(bob, c -> deadLetter(c, "bob.q", "anna.x")))
        .contains("write access to exchange 'anna.x' in vhost '/'");
    refused.add("READ QUEUE");
    assertThat(endOf(bob, c -> deadLetter(c, "bob.q", "bob.x")))
        .contains("read access to queue 'bob.q' in vhost '/'");
    bob.abort();
  }

  private static void alternate(Channel channel, String name, String alternate) throws IOException {
    channel.exchangeDeclare(name, "fanout", false, false, Map.of("alternate-exchange", alternate));
  }

  private static void deadLetter(Channel channel, String name, String exchange) throws IOException {
    channel.queueDeclare(name, false, false, false, Map.of("x-dead-letter-exchange", exchange));
  }

  /** Something done on a channel. */
  @FunctionalInterface
  private interface Use {
    void on(Channel channel) throws IOException;
  }

  private static String endOf(Connection connection, Use use) throws Exception {
    Channel channel = connection.createChannel();
    var ends = new LinkedBlockingQueue<ShutdownSignalException>();
    channel.addShutdownListener(ends::add);
    try {
      use.on(channel);
    } catch (IOException | ShutdownSignalException closed) {
      // The listener has heard why.
    }
    ShutdownSignalException end = ends.poll(10, TimeUnit.SECONDS);
    assertThat(end).as("the channel is closed").isNotNull();
    return ((AMQP.Channel.Close) end.getReason()).getReplyText();
  }
}
