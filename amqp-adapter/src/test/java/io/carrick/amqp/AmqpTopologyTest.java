package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.RoutingKey;
import io.carrick.amqp.codec.BasicMethod;
import io.carrick.amqp.codec.ChannelMethod;
import io.carrick.amqp.codec.ConnectionMethod;
import io.carrick.amqp.codec.ExchangeMethod;
import io.carrick.amqp.codec.Method;
import io.carrick.amqp.codec.QueueMethod;
import io.carrick.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Exchanges, queues and bindings, and what is refused. AMQP 0-9-1 §1.6, §1.7 */
class AmqpTopologyTest {

  private static final Map<String, Object> NONE = Map.of();

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Amqp.onAnyPort()).inTestThread();

  private RawClient client;

  @BeforeEach
  void connect() {
    client = RawClient.open(broker).channel(1);
  }

  private static QueueMethod.Declare queue(String name) {
    return new QueueMethod.Declare(name, false, false, false, false, false, NONE);
  }

  private static QueueMethod.Declare queue(String name, Map<String, Object> arguments) {
    return new QueueMethod.Declare(name, false, false, false, false, false, arguments);
  }

  private static QueueMethod.Declare passiveQueue(String name) {
    return new QueueMethod.Declare(name, true, false, false, false, false, NONE);
  }

  private static ExchangeMethod.Declare exchange(String name, String type) {
    return new ExchangeMethod.Declare(name, type, false, false, false, false, false, NONE);
  }

  private static ExchangeMethod.Declare passiveExchange(String name) {
    return new ExchangeMethod.Declare(name, "", true, false, false, false, false, NONE);
  }

  private static QueueMethod.Bind bind(String queue, String exchange, String key) {
    return new QueueMethod.Bind(queue, exchange, RoutingKey.ofKey(key), false, NONE);
  }

  private static ExchangeMethod.Bind bindExchange(String destination, String source, String key) {
    return new ExchangeMethod.Bind(destination, source, RoutingKey.ofKey(key), false, NONE);
  }

  private void publish(String exchange, String key, String body) {
    client.bytes(
        RawClient.content(
            1,
            new BasicMethod.Publish(exchange, RoutingKey.ofKey(key), false, false),
            new byte[2],
            body.getBytes(StandardCharsets.UTF_8),
            4_000));
  }

  private String get(String queue) {
    client.send(1, new BasicMethod.Get(queue, true));
    return client.next() instanceof BasicMethod.GetOk ? client.body() : "nothing";
  }

  /** Sends methods, each of which must be answered with success. */
  private void done(Method... methods) {
    for (Method method : methods) {
      client.send(1, method);
      Method answer = client.next();
      assertThat(answer.classId())
          .as("%s answered by %s", method, answer)
          .isEqualTo(method.classId());
      assertThat(answer.methodId()).isBetween(method.methodId() + 1, method.methodId() + 11);
    }
  }

  // ---- what is refused

  static Stream<Arguments> refused() {
    var durable = new QueueMethod.Declare("q", false, true, false, false, false, NONE);
    var autoDelete = new QueueMethod.Declare("q", false, false, false, true, false, NONE);
    var exclusive = new QueueMethod.Declare("q", false, false, true, false, false, NONE);
    var internal =
        new ExchangeMethod.Declare("x", "direct", false, false, false, true, false, NONE);
    var unbind = new QueueMethod.Unbind("q", "", RoutingKey.EMPTY, NONE);
    return Stream.of(
        Arguments.of(404, passiveQueue("none")),
        Arguments.of(404, passiveQueue("")),
        Arguments.of(404, passiveExchange("none")),
        Arguments.of(404, bind("none", "x", "k")),
        Arguments.of(404, bind("q", "none", "k")),
        Arguments.of(404, bindExchange("none", "x", "k")),
        Arguments.of(404, bindExchange("x", "none", "k")),
        Arguments.of(404, new QueueMethod.Purge("none", false)),
        Arguments.of(404, new QueueMethod.Purge("", false)),
        Arguments.of(404, new BasicMethod.Get("none", true)),
        Arguments.of(404, new BasicMethod.Consume("none", "", false, true, false, false, NONE)),
        Arguments.of(406, durable),
        Arguments.of(406, autoDelete),
        Arguments.of(405, exclusive),
        Arguments.of(406, queue("q", Map.of("x-queue-type", "quorum"))),
        Arguments.of(406, exchange("x", "fanout")),
        Arguments.of(406, internal),
        Arguments.of(406, queue("new", Map.of("x-message-ttl", -1))),
        Arguments.of(406, queue("new", Map.of("x-dead-letter-routing-key", "x"))),
        Arguments.of(406, new QueueMethod.Delete("q", false, true, false)),
        Arguments.of(406, new ExchangeMethod.Delete("x", true, false)),
        Arguments.of(403, queue("amq.mine")),
        Arguments.of(403, queue("mqtt.mine")),
        Arguments.of(403, exchange("amq.mine", "direct")),
        Arguments.of(403, exchange("", "direct")),
        Arguments.of(403, new ExchangeMethod.Delete("", false, false)),
        Arguments.of(403, new ExchangeMethod.Delete("amq.direct", false, false)),
        Arguments.of(403, bind("q", "", "k")),
        Arguments.of(403, unbind),
        Arguments.of(403, bindExchange("", "x", "k")),
        Arguments.of(403, bindExchange("x", "", "k")));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("refused")
  @Tag("amqp091:channel.close")
  void whatCannotBeDoneClosesTheChannelAndBlamesTheMethod(int code, Method method) {
    RawClient other = RawClient.open(broker).channel(1);
    other.send(1, queue("q"), exchange("x", "direct"), bind("q", "x", "k"));
    other.next(QueueMethod.DeclareOk.class);
    other.next(ExchangeMethod.DeclareOk.class);
    other.next(QueueMethod.BindOk.class);
    other.bytes(
        RawClient.content(
            1,
            new BasicMethod.Publish("x", RoutingKey.ofKey("k"), false, false),
            new byte[2],
            new byte[] {'m'},
            10));

    client.send(1, method);

    ChannelMethod.Close close = client.next(ChannelMethod.Close.class);
    assertThat(close.code()).as(close.text()).isEqualTo(code);
    assertThat(close.blamedClass()).isEqualTo(method.classId());
    assertThat(close.blamedMethod()).isEqualTo(method.methodId());
    client.send(1, new ChannelMethod.CloseOk());
    client.channel(1);
    assertThat(get("q")).isEqualTo("m");
  }

  @Test
  void anUnknownExchangeTypeIsAnInvalidCommand() {
    client.send(1, exchange("x", "no-such-type"));
    assertThat(client.next(ConnectionMethod.Close.class).code()).isEqualTo(503);
  }

  @Test
  void immediateIsNotImplemented() {
    client.bytes(
        RawClient.content(
            1,
            new BasicMethod.Publish("", RoutingKey.EMPTY, false, true),
            new byte[2],
            new byte[0],
            10));
    assertThat(client.next(ConnectionMethod.Close.class).code()).isEqualTo(540);
  }

  @Test
  @Tag("amqp091:exclusive-queue")
  void anExclusiveQueueIsLockedForEverybodyElse() {
    RawClient owner = RawClient.open(broker).channel(1);
    owner.send(1, new QueueMethod.Declare("mine", false, false, true, false, true, NONE));
    for (Method method :
        new Method[] {
          passiveQueue("mine"),
          queue("mine"),
          new BasicMethod.Get("mine", true),
          new BasicMethod.Consume("mine", "", false, true, false, false, NONE),
          new QueueMethod.Purge("mine", false),
          new QueueMethod.Delete("mine", false, false, false),
          bind("mine", "amq.direct", "k")
        }) {
      client.send(1, method);
      assertThat(client.next(ChannelMethod.Close.class).code()).as("%s", method).isEqualTo(405);
      client.send(1, new ChannelMethod.CloseOk());
      client.channel(1);
    }
    owner.vanish();
    done(queue("mine"));
  }

  @Test
  @Tag("amqp091:internal-exchange")
  void onlyExchangesPublishToAnInternalExchange() {
    done(
        new ExchangeMethod.Declare("inner", "fanout", false, false, false, true, false, NONE),
        queue("q"),
        bind("q", "inner", ""),
        bindExchange("inner", "amq.direct", "k"));
    publish("amq.direct", "k", "by exchange");
    assertThat(get("q")).isEqualTo("by exchange");
    publish("inner", "k", "by publisher");
    assertThat(client.next(ChannelMethod.Close.class).code()).isEqualTo(403);
  }

  // ---- what is done

  @Test
  @Tag("amqp091:queue.declare")
  @Tag("amqp091:queue.declare-ok")
  @Tag("amqp091:exchange.declare")
  @Tag("amqp091:exchange.declare-ok")
  void declaringTheSameAgainTellsHowMuchIsThere() {
    done(queue("q"), queue("q", Map.of("purpose", "mine")), exchange("x", "topic"));
    publish("", "q", "1");
    client.send(1, queue("q"));
    assertThat(client.next()).isEqualTo(new QueueMethod.DeclareOk("q", 1, 0));
    done(exchange("x", "topic"), passiveExchange("x"), passiveExchange("amq.match"));
    done(
        new ExchangeMethod.Declare("amq.direct", "direct", false, true, false, false, false, NONE));
  }

  @Test
  @Tag("amqp091:queue.bind")
  @Tag("amqp091:queue.bind-ok")
  void anEmptyNameStandsForTheQueueThatThisChannelDeclaredLast() {
    client.send(1, queue(""));
    String name = client.next(QueueMethod.DeclareOk.class).queue();
    assertThat(name).startsWith("amq.gen-");
    done(bind("", "amq.direct", ""));
    publish("amq.direct", name, "by its name");
    assertThat(get("")).isEqualTo("by its name");
    done(queue("later"), passiveQueue(name));
    publish("", name, "again");
    assertThat(get("")).isEqualTo("again");
    client.channel(2);
    client.send(2, new BasicMethod.Get("", true));
    assertThat(client.next(ChannelMethod.Close.class).code()).isEqualTo(404);
  }

  @Test
  @Tag("amqp091:exchange.delete")
  @Tag("amqp091:exchange.delete-ok")
  @Tag("amqp091:queue.delete")
  @Tag("amqp091:queue.delete-ok")
  @Tag("amqp091:queue.unbind")
  @Tag("amqp091:queue.unbind-ok")
  void whatIsNotThereMayBeDeletedAndUnbound() {
    done(
        queue("q"),
        new QueueMethod.Delete("none", false, false, false),
        new ExchangeMethod.Delete("none", true, false),
        new QueueMethod.Unbind("q", "amq.direct", RoutingKey.EMPTY, NONE),
        new QueueMethod.Unbind("none", "amq.direct", RoutingKey.EMPTY, NONE),
        new QueueMethod.Unbind("q", "none", RoutingKey.EMPTY, NONE));
    client.send(
        1, new ExchangeMethod.Unbind("amq.direct", "amq.fanout", RoutingKey.EMPTY, false, NONE));
    client.next(ExchangeMethod.UnbindOk.class);
  }

  @Test
  void aQueueWithAConsumerIsInUseAndAnEmptyOneIsEmpty() {
    done(queue("q"), new BasicMethod.Consume("q", "t", false, true, false, false, NONE));
    client.send(1, new QueueMethod.Delete("q", true, false, false));
    assertThat(client.next(ChannelMethod.Close.class).code()).isEqualTo(406);
    client.send(1, new ChannelMethod.CloseOk());
    client.channel(1);
    client.send(1, new QueueMethod.Delete("q", true, true, false));
    assertThat(client.next()).isEqualTo(new QueueMethod.DeleteOk(0));
  }

  @Test
  @Tag("amqp091:queue.delete-ok")
  @Tag("amqp091:queue.purge")
  @Tag("amqp091:queue.purge-ok")
  void deletingTellsHowManyMessagesWent() {
    done(queue("q"));
    publish("", "q", "1");
    publish("", "q", "2");
    client.send(1, new QueueMethod.Delete("q", false, false, false));
    assertThat(client.next()).isEqualTo(new QueueMethod.DeleteOk(2));
  }

  @Test
  @Tag("amqp091:auto-delete")
  void anAutoDeleteQueueGoesWithItsLastConsumerAndNotBefore() {
    done(
        new QueueMethod.Declare("q", false, false, false, true, false, NONE),
        passiveQueue("q"),
        new BasicMethod.Consume("q", "t", false, true, false, false, NONE),
        new BasicMethod.Cancel("t", false));
    client.send(1, passiveQueue("q"));
    assertThat(client.next(ChannelMethod.Close.class).code()).isEqualTo(404);
  }

  private boolean exists(String queue) {
    return broker.broker().queues().stream().anyMatch(q -> q.name().equals(queue));
  }

  static Stream<Method> uses() {
    return Stream.of(
        queue("q", Map.of("x-expires", 1_000)), passiveQueue("q"), new BasicMethod.Get("q", true));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("uses")
  @Tag("amqp091:x-expires")
  void declaringAgainAlsoPassivelyAndGettingProlongAQueuesLife(Method use) {
    done(queue("q", Map.of("x-expires", 1_000)));
    broker.advance(Duration.ofMillis(600));
    client.send(1, use);
    client.next();
    broker.advance(Duration.ofMillis(999));
    assertThat(exists("q")).isTrue();
    broker.advance(Duration.ofMillis(1));
    assertThat(exists("q")).isFalse();
  }

  static Stream<Method> noUses() {
    return Stream.of(
        queue("q"), // not equal, so refused
        new QueueMethod.Declare("q", false, true, false, false, true, NONE),
        new QueueMethod.Declare("q", false, false, true, false, false, NONE),
        new QueueMethod.Purge("q", false),
        bind("q", "amq.direct", "k"),
        new QueueMethod.Unbind("q", "amq.direct", RoutingKey.ofKey("k"), NONE),
        new QueueMethod.Delete("q", false, true, false)); // not empty, so refused
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("noUses")
  void whatIsNoUseOfAQueueDoesNotProlongItsLife(Method look) {
    done(queue("q", Map.of("x-expires", 1_000)));
    broker.advance(Duration.ofMillis(600));
    publish("", "q", "m");
    client.send(1, look);
    broker.broker().consumers();
    broker.client().topology().find("q");
    broker.advance(Duration.ofMillis(399));
    assertThat(exists("q")).isTrue();
    broker.advance(Duration.ofMillis(1));
    assertThat(exists("q")).isFalse();
  }

  @Test
  @Tag("amqp091:auto-delete")
  void anAutoDeleteExchangeGoesWithItsLastBinding() {
    done(
        new ExchangeMethod.Declare("x", "direct", false, false, true, false, false, NONE),
        queue("q"),
        bind("q", "x", "k"),
        new QueueMethod.Unbind("q", "x", RoutingKey.ofKey("k"), NONE));
    client.send(1, passiveExchange("x"));
    assertThat(client.next(ChannelMethod.Close.class).code()).isEqualTo(404);
  }

  @Test
  @Tag("amqp091:alternate-exchange")
  void whatAnExchangeCannotRouteGoesToItsAlternateAndIsNotReturned() {
    done(
        new ExchangeMethod.Declare(
            "x",
            "direct",
            false,
            false,
            false,
            false,
            false,
            Map.of("alternate-exchange", "amq.fanout")),
        queue("q"),
        bind("q", "amq.fanout", ""));
    client.bytes(
        RawClient.content(
            1,
            new BasicMethod.Publish("x", RoutingKey.ofKey("k"), true, false),
            new byte[2],
            new byte[] {'m'},
            10));
    assertThat(get("q")).isEqualTo("m");
  }

  private static ExchangeMethod.Declare withAlternate(String name, String alternate) {
    return new ExchangeMethod.Declare(
        name, "direct", false, false, false, false, false, Map.of("alternate-exchange", alternate));
  }

  @Test
  @Tag("amqp091:alternate-exchange")
  void alternatesInACircleEndAndWhatNoneCanRouteIsReturned() {
    done(
        withAlternate("x", "y"),
        withAlternate("y", "z"),
        withAlternate("z", "x"),
        queue("q"),
        bind("q", "z", "k"));
    for (String key : List.of("none", "k")) {
      client.bytes(
          RawClient.content(
              1,
              new BasicMethod.Publish("y", RoutingKey.ofKey(key), true, false),
              new byte[2],
              key.getBytes(StandardCharsets.UTF_8),
              10));
    }
    BasicMethod.Return returned = client.next(BasicMethod.Return.class);
    assertThat(returned.code()).isEqualTo(312);
    assertThat(returned.exchange()).isEqualTo("y");
    assertThat(client.body()).isEqualTo("none");
    assertThat(get("q")).isEqualTo("k");
  }

  @Test
  @Tag("amqp091:no-wait")
  void noWaitIsNotAnswered() {
    client.send(
        1,
        new QueueMethod.Declare("q", false, false, false, false, true, NONE),
        new ExchangeMethod.Declare("x", "direct", false, false, false, false, true, NONE),
        new QueueMethod.Bind("q", "x", RoutingKey.ofKey("k"), true, NONE),
        new ExchangeMethod.Bind("x", "amq.fanout", RoutingKey.ofKey("k"), true, NONE),
        new ExchangeMethod.Unbind("x", "amq.fanout", RoutingKey.ofKey("k"), true, NONE),
        new QueueMethod.Purge("q", true));
    publish("x", "k", "m");
    assertThat(get("q")).isEqualTo("m");
    client.send(
        1,
        new ExchangeMethod.Delete("x", false, true),
        new QueueMethod.Delete("q", false, false, true));
    assertThat(client.silent()).isTrue();
  }
}
