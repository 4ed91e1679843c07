package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.ShutdownSignalException;
import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Message;
import io.carrick.QueueInfo;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.transport.NettyLoops;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** RabbitMQ's own client against the broker. */
@Timeout(30)
class AmqpBrokerTest {

  private static final byte[] BODY = "21.5".getBytes(StandardCharsets.UTF_8);

  private final Broker broker =
      EmbeddedBroker.builder().loops(NettyLoops.factory(3)).adapter(Amqp.onAnyPort()).start();
  private final ConnectionFactory factory = new ConnectionFactory();
  private Connection connection;
  private Channel channel;

  @BeforeEach
  void connect() throws Exception {
    factory.setHost("127.0.0.1");
    factory.setPort(broker.address("amqp").getPort());
    factory.setAutomaticRecoveryEnabled(false);
    connection = factory.newConnection("test");
    channel = connection.createChannel();
  }

  @AfterEach
  void close() throws Exception {
    connection.abort();
    broker.close();
  }

  private static Delivery take(BlockingQueue<Delivery> deliveries) throws InterruptedException {
    Delivery delivery = deliveries.poll(10, TimeUnit.SECONDS);
    assertThat(delivery).as("a delivery within ten seconds").isNotNull();
    return delivery;
  }

  private static BlockingQueue<Delivery> consume(Channel on, String queue, boolean autoAck)
      throws IOException {
    var deliveries = new LinkedBlockingQueue<Delivery>();
    on.basicConsume(queue, autoAck, (tag, delivery) -> deliveries.add(delivery), tag -> {});
    return deliveries;
  }

  private String queue(String... messages) throws IOException {
    String queue = channel.queueDeclare("", false, true, false, null).getQueue();
    for (String message : messages) {
      channel.basicPublish("", queue, null, message.getBytes(StandardCharsets.UTF_8));
    }
    return queue;
  }

  private static String text(byte[] body) {
    return new String(body, StandardCharsets.UTF_8);
  }

  @FunctionalInterface
  private interface Action {
    void run() throws Exception;
  }

  /** Runs what must close the channel and returns the reply code. */
  private static int refusedOnChannel(Action action) {
    try {
      action.run();
    } catch (AlreadyClosedException e) {
      return ((AMQP.Channel.Close) e.getReason()).getReplyCode();
    } catch (IOException e) {
      if (e.getCause() instanceof ShutdownSignalException signal
          && signal.getReason() instanceof AMQP.Channel.Close close) {
        return close.getReplyCode();
      }
      throw new AssertionError("not closed by the broker", e);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    throw new AssertionError("nothing was refused");
  }

  // ---- the way of a message

  @Test
  @Tag("amqp091:basic.publish")
  @Tag("amqp091:basic.deliver")
  @Tag("amqp091:basic.properties")
  @Tag("amqp091:RabbitMQ-Java-client")
  void aMessageWalksFromPublisherToConsumer() throws Exception {
    channel.exchangeDeclare("order_exchange", "direct", true);
    channel.queueDeclare("order_queue", true, false, false, null);
    channel.queueBind("order_queue", "order_exchange", "order.created");
    var deliveries = consume(channel, "order_queue", false);
    var properties =
        new AMQP.BasicProperties.Builder()
            .deliveryMode(2)
            .priority(1)
            .contentType("text/plain")
            .headers(Map.of("a", 1, "nested", Map.of("list", List.of(1L, "two", true))))
            .build();
    channel.basicPublish("order_exchange", "order.created", properties, BODY);
    Delivery delivery = take(deliveries);
    assertThat(delivery.getBody()).isEqualTo(BODY);
    assertThat(delivery.getEnvelope().getExchange()).isEqualTo("order_exchange");
    assertThat(delivery.getEnvelope().getRoutingKey()).isEqualTo("order.created");
    assertThat(delivery.getEnvelope().isRedeliver()).isFalse();
    assertThat(delivery.getProperties().getPriority()).isEqualTo(1);
    assertThat(delivery.getProperties().getContentType()).isEqualTo("text/plain");
    assertThat(delivery.getProperties().getHeaders()).hasSize(2);
    assertThat(unsettled()).isEqualTo(1);
    channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
    assertThat(channel.messageCount("order_queue")).isZero();
    assertThat(unsettled()).isZero();
  }

  /** Returns how many deliveries of all queues are not settled. */
  private long unsettled() {
    return broker.queues().stream().mapToLong(QueueInfo::unsettled).sum();
  }

  @Test
  void largeAndEmptyBodiesArriveWhole() throws Exception {
    String queue = queue();
    byte[] large = new byte[1_000_003];
    new Random(1).nextBytes(large);
    channel.basicPublish("", queue, null, large);
    channel.basicPublish("", queue, null, new byte[0]);
    assertThat(channel.basicGet(queue, true).getBody()).isEqualTo(large);
    GetResponse empty = channel.basicGet(queue, true);
    assertThat(empty.getBody()).isEmpty();
    assertThat(empty.getMessageCount()).isZero();
    assertThat(channel.basicGet(queue, true)).isNull();
  }

  @Test
  void aProgramInThisJvmAndAnAmqpClientMeet() throws Exception {
    String queue = queue();
    channel.queueBind(queue, "amq.topic", "sensors.#");
    var deliveries = consume(channel, queue, true);
    try (Client client = broker.connect()) {
      client
          .publisher("amq.topic")
          .publish(
              "sensors.kitchen",
              Message.builder("21.5").persistent().header("unit", "C").messageId("m1").build());
      Delivery delivery = take(deliveries);
      assertThat(text(delivery.getBody())).isEqualTo("21.5");
      assertThat(delivery.getProperties().getDeliveryMode()).isEqualTo(2);
      assertThat(delivery.getProperties().getMessageId()).isEqualTo("m1");
      assertThat(delivery.getProperties().getHeaders()).containsKey("unit");
    }
  }

  // ---- confirms and returns

  @Test
  @Tag("amqp091:confirm.select")
  @Tag("amqp091:confirm.select-ok")
  void confirmsComeForEveryPublish() throws Exception {
    String queue = queue();
    channel.confirmSelect();
    for (int i = 0; i < 1000; i++) {
      channel.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, BODY);
    }
    assertThat(channel.waitForConfirms(10_000)).isTrue();
    assertThat(channel.messageCount(queue)).isEqualTo(1000);
  }

  @Test
  @Tag("amqp091:basic.return")
  void anUnroutableMandatoryMessageIsReturnedBeforeItIsConfirmed() throws Exception {
    var events = new LinkedBlockingQueue<String>();
    channel.confirmSelect();
    channel.addReturnListener(
        (code, text, exchange, key, properties, body) -> events.add(code + " " + text));
    channel.addConfirmListener(
        (tag, multiple) -> events.add("ack " + tag), (tag, multiple) -> events.add("nack"));
    channel.basicPublish("amq.direct", "nobody", true, null, BODY);
    assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("312 NO_ROUTE");
    assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("ack 1");
  }

  // ---- acknowledgements

  @Test
  void multipleAcknowledgesAllBefore() throws Exception {
    String queue = queue("1", "2", "3");
    channel.basicGet(queue, false);
    long second = channel.basicGet(queue, false).getEnvelope().getDeliveryTag();
    long third = channel.basicGet(queue, false).getEnvelope().getDeliveryTag();
    channel.basicAck(second, true);
    channel.basicNack(third, false, true);
    GetResponse again = channel.basicGet(queue, true);
    assertThat(unsettled()).as("neither the first nor the second").isZero();
    assertThat(text(again.getBody())).isEqualTo("3");
    assertThat(again.getEnvelope().isRedeliver()).isTrue();
  }

  @Test
  void whatIsNotAcknowledgedComesBackWhenTheChannelCloses() throws Exception {
    String queue = queue("1", "2");
    Channel other = connection.createChannel();
    var deliveries = consume(other, queue, false);
    take(deliveries);
    take(deliveries);
    other.close();
    GetResponse first = channel.basicGet(queue, true);
    assertThat(text(first.getBody())).isEqualTo("1");
    assertThat(first.getEnvelope().isRedeliver()).isTrue();
    assertThat(text(channel.basicGet(queue, true).getBody())).isEqualTo("2");
  }

  @Test
  @Tag("amqp091:basic.recover")
  @Tag("amqp091:basic.recover-ok")
  void recoverDeliversAgain() throws Exception {
    String queue = queue("1");
    var deliveries = consume(channel, queue, false);
    take(deliveries);
    channel.basicRecover();
    assertThat(take(deliveries).getEnvelope().isRedeliver()).isTrue();
  }

  @Test
  @Tag("amqp091:basic.qos")
  @Tag("amqp091:basic.qos-ok")
  void prefetchBoundsWhatIsDelivered() throws Exception {
    String queue = queue("1", "2", "3");
    channel.basicQos(2);
    var deliveries = consume(channel, queue, false);
    take(deliveries);
    Delivery second = take(deliveries);
    assertThat(channel.messageCount(queue)).isEqualTo(1);
    channel.basicAck(second.getEnvelope().getDeliveryTag(), true);
    assertThat(text(take(deliveries).getBody())).isEqualTo("3");
  }

  @Test
  @Tag("amqp091:basic.qos")
  void globalPrefetchBoundsAllConsumersTogether() throws Exception {
    String one = queue();
    String two = queue();
    channel.basicQos(3, true);
    var fromOne = consume(channel, one, false);
    var fromTwo = consume(channel, two, false);
    Channel publisher = connection.createChannel();
    publisher.confirmSelect();
    for (int i = 0; i < 5; i++) {
      publisher.basicPublish("", one, null, BODY);
      publisher.basicPublish("", two, null, BODY);
    }
    publisher.waitForConfirmsOrDie(10_000);
    long ready = publisher.messageCount(one) + publisher.messageCount(two);
    assertThat(ready).isEqualTo(7);
    int taken = 0;
    while (taken < 10) {
      Delivery delivery = fromOne.poll();
      delivery = delivery == null ? fromTwo.poll(10, TimeUnit.MILLISECONDS) : delivery;
      if (delivery != null) {
        taken++;
        channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
      }
    }
    assertThat(publisher.messageCount(one) + publisher.messageCount(two)).isZero();
  }

  // ---- consumers

  @Test
  void consumersOfAQueueTakeTurns() throws Exception {
    String queue = queue();
    var first = consume(channel, queue, true);
    var second = consume(channel, queue, true);
    for (int i = 0; i < 10; i++) {
      channel.basicPublish("", queue, null, BODY);
    }
    for (int i = 0; i < 5; i++) {
      take(first);
      take(second);
    }
  }

  @Test
  @Tag("amqp091:consumer_cancel_notify")
  void aConsumerHearsThatItsQueueIsGone() throws Exception {
    String queue = queue();
    var cancelled = new CountDownLatch(1);
    channel.basicConsume(
        queue,
        new DefaultConsumer(channel) {
          @Override
          public void handleCancel(String tag) {
            cancelled.countDown();
          }
        });
    channel.queueDelete(queue);
    assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aCancelledConsumerGetsNothingMore() throws Exception {
    String queue = queue();
    var count = new AtomicInteger();
    String tag = channel.basicConsume(queue, true, (t, d) -> count.incrementAndGet(), t -> {});
    channel.basicCancel(tag);
    channel.basicPublish("", queue, null, BODY);
    assertThat(channel.messageCount(queue)).isEqualTo(1);
    assertThat(count).hasValue(0);
  }

  // ---- topology

  @Test
  void anEmptyNameStandsForTheLastDeclaredQueue() throws Exception {
    String queue = channel.queueDeclare("", false, true, true, null).getQueue();
    assertThat(queue).startsWith("amq.gen-");
    channel.queueBind("", "amq.direct", "");
    channel.basicPublish("amq.direct", queue, null, BODY);
    assertThat(channel.basicGet("", true).getBody()).isEqualTo(BODY);
  }

  @Test
  @Tag("amqp091:exchange.bind")
  @Tag("amqp091:exchange.bind-ok")
  @Tag("amqp091:exchange.unbind")
  @Tag("amqp091:exchange.unbind-ok")
  void exchangesAreBoundToExchanges() throws Exception {
    channel.exchangeDeclare("inner", BuiltinExchangeType.FANOUT);
    channel.exchangeBind("inner", "amq.topic", "a.*");
    String queue = queue();
    channel.queueBind(queue, "inner", "");
    channel.basicPublish("amq.topic", "a.b", null, BODY);
    assertThat(channel.basicGet(queue, true)).isNotNull();
    channel.exchangeUnbind("inner", "amq.topic", "a.*");
    channel.basicPublish("amq.topic", "a.b", null, BODY);
    assertThat(channel.basicGet(queue, true)).isNull();
  }

  @Test
  void declaringWithoutWaitingIsInOrder() throws Exception {
    channel.queueDeclareNoWait("q", false, false, false, null);
    channel.exchangeDeclareNoWait("x", BuiltinExchangeType.DIRECT, false, false, false, null);
    channel.queueBindNoWait("q", "x", "k", null);
    channel.basicPublish("x", "k", null, BODY);
    assertThat(channel.queuePurge("q").getMessageCount()).isEqualTo(1);
    assertThat(channel.queueDelete("q", true, true).getMessageCount()).isZero();
    channel.exchangeDelete("x", true);
  }

  // ---- wrong use: the channel goes

  @Test
  void wrongUseClosesTheChannelWithTheRightCode() throws Exception {
    channel.queueDeclare("q", false, false, false, null);
    channel.exchangeDeclare("x", "direct");
    record Case(int code, String what, ChannelAction action) {}
    List<Case> cases =
        List.of(
            new Case(404, "queue", c -> c.queueDeclarePassive("none")),
            new Case(404, "exchange", c -> c.exchangeDeclarePassive("none")),
            new Case(404, "consume", c -> c.basicConsume("none", (t, d) -> {}, t -> {})),
            new Case(404, "get", c -> c.basicGet("none", true)),
            new Case(404, "bind", c -> c.queueBind("q", "none", "k")),
            new Case(404, "last declared", c -> c.queuePurge("")),
            new Case(406, "queue differs", c -> c.queueDeclare("q", true, false, false, null)),
            new Case(406, "exchange differs", c -> c.exchangeDeclare("x", "fanout")),
            new Case(403, "reserved", c -> c.queueDeclare("amq.q", false, false, false, null)),
            new Case(403, "reserved", c -> c.exchangeDeclare("amq.x", "direct")),
            new Case(403, "default", c -> c.exchangeDeclare("", "direct")),
            new Case(403, "default", c -> c.queueBind("q", "", "k")),
            new Case(403, "predeclared", c -> c.exchangeDelete("amq.direct")));
    for (Case c : cases) {
      Channel own = connection.createChannel();
      assertThat(refusedOnChannel(() -> c.action.run(own))).as(c.what).isEqualTo(c.code);
    }
    assertThat(channel.isOpen()).isTrue();
  }

  @FunctionalInterface
  private interface ChannelAction {
    void run(Channel channel) throws Exception;
  }

  private static AMQP.Channel.Close closedBy(Channel channel, Action action) throws Exception {
    var reason = new LinkedBlockingQueue<ShutdownSignalException>();
    channel.addShutdownListener(reason::add);
    action.run();
    ShutdownSignalException signal = reason.poll(10, TimeUnit.SECONDS);
    assertThat(signal).isNotNull();
    return (AMQP.Channel.Close) signal.getReason();
  }

  @Test
  void publishingToNoExchangeClosesTheChannel() throws Exception {
    var close = closedBy(channel, () -> channel.basicPublish("none", "k", null, BODY));
    assertThat(close.getReplyCode()).isEqualTo(404);
    assertThat(close.getReplyText()).isEqualTo("NOT_FOUND - no exchange 'none' in vhost '/'");
    assertThat(close.getClassId()).isEqualTo(60);
    assertThat(close.getMethodId()).isEqualTo(40);
  }

  @Test
  void anUnknownDeliveryTagClosesTheChannel() throws Exception {
    var close = closedBy(channel, () -> channel.basicAck(7, false));
    assertThat(close.getReplyCode()).isEqualTo(406);
    assertThat(close.getReplyText()).isEqualTo("PRECONDITION_FAILED - unknown delivery tag 7");
  }

  @Test
  @Tag("amqp091:user-id")
  void anotherUsersNameIsRefused() throws Exception {
    var properties = new AMQP.BasicProperties.Builder().userId("admin").build();
    var close = closedBy(channel, () -> channel.basicPublish("", "q", properties, BODY));
    assertThat(close.getReplyCode()).isEqualTo(406);
  }

  @Test
  void anExclusiveQueueIsLockedForOthersAndGoesWithItsConnection() throws Exception {
    channel.queueDeclare("mine", false, true, false, null);
    try (Connection other = factory.newConnection()) {
      Channel theirs = other.createChannel();
      assertThat(refusedOnChannel(() -> theirs.queueDeclarePassive("mine"))).isEqualTo(405);
    }
    connection.close();
    connect();
    assertThat(refusedOnChannel(() -> channel.queueDeclarePassive("mine"))).isEqualTo(404);
  }

  @Test
  void exclusiveConsumersAreAlone() throws Exception {
    String queue = queue();
    channel.basicConsume(queue, true, "", false, true, null, (t, d) -> {}, t -> {});
    Channel other = connection.createChannel();
    assertThat(refusedOnChannel(() -> consume(other, queue, true))).isEqualTo(403);
  }

  // ---- wrong use: the connection goes

  private int closesConnection(Action action) throws Exception {
    var reason = new LinkedBlockingQueue<ShutdownSignalException>();
    connection.addShutdownListener(reason::add);
    try {
      action.run();
    } catch (IOException | AlreadyClosedException expected) {
      // Whether the call itself hears of it depends on who is faster.
    }
    ShutdownSignalException signal = reason.poll(10, TimeUnit.SECONDS);
    assertThat(signal).isNotNull();
    return ((AMQP.Connection.Close) signal.getReason()).getReplyCode();
  }

  @Test
  void aConsumerTagIsNotUsedTwice() throws Exception {
    String queue = queue();
    channel.basicConsume(queue, true, "tag", (t, d) -> {}, t -> {});
    assertThat(
            closesConnection(() -> channel.basicConsume(queue, true, "tag", (t, d) -> {}, t -> {})))
        .isEqualTo(530);
  }

  @Test
  void whatIsNotImplementedSaysSo() throws Exception {
    assertThat(closesConnection(() -> channel.basicPublish("", "q", false, true, null, BODY)))
        .isEqualTo(540);
  }

  // ---- login

  @Test
  @Tag("amqp091:PLAIN")
  void aWrongPasswordIsRefused() {
    factory.setPassword("wrong");
    assertThatThrownBy(factory::newConnection).isInstanceOf(AuthenticationFailureException.class);
  }

  @Test
  void anUnknownVirtualHostIsRefused() {
    factory.setVirtualHost("none");
    assertThatThrownBy(factory::newConnection)
        .isInstanceOf(IOException.class)
        .hasRootCauseInstanceOf(ShutdownSignalException.class)
        .rootCause()
        .hasMessageContaining("530");
  }

  // ---- load

  @Test
  void manyMessagesOverManyChannelsAllArriveInOrder() throws Exception {
    String queue = queue();
    int count = 20_000;
    var seen = new ArrayList<Integer>();
    var all = new CountDownLatch(count);
    Channel consumer = connection.createChannel();
    consumer.basicQos(500);
    consumer.basicConsume(
        queue,
        new DefaultConsumer(consumer) {
          @Override
          public void handleDelivery(
              String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
              throws IOException {
            seen.add(Integer.valueOf(text(body)));
            if (seen.size() % 100 == 0 || seen.size() == count) {
              consumer.basicAck(envelope.getDeliveryTag(), true);
            }
            all.countDown();
          }
        });
    channel.confirmSelect();
    for (int i = 0; i < count; i++) {
      channel.basicPublish("", queue, null, Integer.toString(i).getBytes(StandardCharsets.UTF_8));
    }
    channel.waitForConfirmsOrDie(Duration.ofSeconds(20).toMillis());
    assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
    for (int i = 0; i < count; i++) {
      assertThat(seen.get(i)).isEqualTo(i);
    }
  }

  @Test
  @Tag("amqp091:connection.close")
  void theBrokerSaysGoodbye() throws Exception {
    var reason = new LinkedBlockingQueue<ShutdownSignalException>();
    connection.addShutdownListener(reason::add);
    broker.close();
    ShutdownSignalException signal = reason.poll(10, TimeUnit.SECONDS);
    assertThat(((AMQP.Connection.Close) signal.getReason()).getReplyCode()).isEqualTo(320);
  }
}
