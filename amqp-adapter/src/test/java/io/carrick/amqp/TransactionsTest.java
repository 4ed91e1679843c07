package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.ShutdownSignalException;
import io.carrick.Broker;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.transport.NettyLoops;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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

/**
 * RabbitMQ's own client and transactions, over queues with homes on several loops. AMQP 0-9-1 §1.9
 */
@Timeout(60)
class TransactionsTest {

  private static final long MOST_BYTES = 100_000;

  private final Broker broker =
      EmbeddedBroker.builder()
          .loops(NettyLoops.factory(2))
          .limits(Limits.defaults().with(Limit.TRANSACTION_BYTES, MOST_BYTES))
          .adapter(Amqp.onAnyPort())
          .start();
  private final ConnectionFactory factory = new ConnectionFactory();
  private final List<Connection> connections = new ArrayList<>();
  private final BlockingQueue<String> returned = new LinkedBlockingQueue<>();
  private final BlockingQueue<ShutdownSignalException> closed = new LinkedBlockingQueue<>();
  private Channel channel;

  @BeforeEach
  void connect() throws Exception {
    factory.setHost("127.0.0.1");
    factory.setPort(broker.address("amqp").getPort());
    factory.setAutomaticRecoveryEnabled(false);
    declare(open(), "here");
    declare(open(), "there");
    channel = open();
  }

  private Channel open() throws Exception {
    Connection connection = factory.newConnection();
    connections.add(connection);
    return watched(connection.createChannel());
  }

  private Channel watched(Channel opened) {
    opened.addShutdownListener(closed::add);
    opened.addReturnListener(r -> returned.add(r.getRoutingKey()));
    return opened;
  }

  private static void declare(Channel by, String queue) throws IOException {
    by.queueDeclare(queue, true, false, false, null);
  }

  @AfterEach
  void close() {
    connections.forEach(Connection::abort);
    broker.close();
  }

  private static void publish(Channel by, String queue, String... texts) throws IOException {
    for (String text : texts) {
      by.basicPublish(
          "",
          queue,
          true,
          MessageProperties.PERSISTENT_BASIC,
          text.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Takes a message; returns its tag. */
  private long get(String queue, String expected) throws IOException {
    GetResponse got = channel.basicGet(queue, false);
    assertThat(got).as(expected).isNotNull();
    assertThat(new String(got.getBody(), StandardCharsets.UTF_8)).isEqualTo(expected);
    return got.getEnvelope().getDeliveryTag();
  }

  private void nothingIn(String queue) throws IOException {
    assertThat(channel.basicGet(queue, true)).isNull();
  }

  private void expectClosed(int code, String text) throws InterruptedException {
    ShutdownSignalException why = closed.poll(10, TimeUnit.SECONDS);
    assertThat(why).as("the channel is closed").isNotNull();
    assertThat(why.isHardError()).isFalse();
    var close = (AMQP.Channel.Close) why.getReason();
    assertThat(close.getReplyCode()).isEqualTo(code);
    assertThat(close.getReplyText()).isEqualTo(text);
  }

  @Test
  @Tag("amqp091:tx.commit")
  @Tag("amqp091:tx.select-ok")
  @Tag("amqp091:tx.commit-ok")
  void whatIsPublishedIsThereFromTheCommitOn() throws Exception {
    channel.txSelect();
    publish(channel, "here", "1", "2");
    publish(channel, "there", "3");
    nothingIn("here");
    nothingIn("there");

    channel.txCommit();

    get("here", "1");
    get("here", "2");
    get("there", "3");
  }

  @Test
  @Tag("amqp091:tx.rollback")
  @Tag("amqp091:tx.rollback-ok")
  void aRollbackDropsWhatWasPublishedAndLeavesMessagesToBeAcknowledgedAgain() throws Exception {
    publish(channel, "here", "a", "b", "c");
    publish(channel, "there", "d");
    channel.txSelect();
    long[] tags = {get("here", "a"), get("here", "b"), get("here", "c"), get("there", "d")};
    publish(channel, "here", "never");
    channel.basicAck(tags[1], false);
    channel.basicNack(tags[2], false, true);
    channel.basicReject(tags[3], false);

    channel.txRollback();

    nothingIn("here");
    nothingIn("there");
    channel.basicAck(tags[2], true); // all up to it: none was acknowledged
    channel.basicNack(tags[3], false, true);
    channel.txCommit();
    nothingIn("here");
    get("there", "d");
  }

  @Test
  @Tag("amqp091:tx.commit")
  void whatIsAcknowledgedRejectedOrGivenBackIsSoFromTheCommitOn() throws Exception {
    publish(channel, "here", "a", "b", "c");
    publish(channel, "there", "d", "e", "f");
    channel.txSelect();
    for (String queue : List.of("here", "there")) {
      String[] texts = queue.equals("here") ? "a b c".split(" ") : "d e f".split(" ");
      channel.basicAck(get(queue, texts[0]), false);
      channel.basicReject(get(queue, texts[1]), false);
      channel.basicNack(get(queue, texts[2]), false, true);
      nothingIn(queue);
    }

    channel.txCommit();

    get("here", "c");
    get("there", "f");
    nothingIn("here");
    nothingIn("there");
  }

  @Test
  @Tag("amqp091:tx.select")
  void closingTheChannelRollsBack() throws Exception {
    publish(channel, "here", "a", "b");
    channel.txSelect();
    channel.basicAck(get("here", "a"), false);
    get("here", "b");
    publish(channel, "there", "never");
    channel.close();

    channel = open();
    get("here", "a");
    get("here", "b");
    nothingIn("there");
  }

  @Test
  @Tag("amqp091:tx.commit")
  void onlyCommittedAcknowledgementsOutliveTheChannel() throws Exception {
    publish(channel, "here", "a", "b", "c");
    channel.txSelect();
    channel.basicAck(get("here", "a"), false);
    get("here", "b");
    channel.txCommit();
    channel.basicAck(get("here", "c"), false);
    channel.close();

    channel = open();
    get("here", "b");
    get("here", "c");
    nothingIn("here");
  }

  @Test
  @Tag("amqp091:tx.commit")
  void mandatoryMessagesThatNoQueueMatchesComeBackWithTheCommitBeforeItsAnswer() throws Exception {
    channel.txSelect();
    publish(channel, "nowhere", "x");
    publish(channel, "here", "y");
    nothingIn("here");
    assertThat(returned).isEmpty();

    channel.txCommit();

    assertThat(returned).containsExactly("nowhere");
    get("here", "y");
  }

  @Test
  @Tag("amqp091:tx.commit")
  void whatIsAcknowledgedButNotCommittedIsNotRecovered() throws Exception {
    publish(channel, "here", "a", "b");
    channel.txSelect();
    channel.basicAck(get("here", "a"), false);
    get("here", "b");

    channel.basicRecover(true);

    get("here", "b");
    nothingIn("here");
  }

  @Test
  @Tag("amqp091:tx.commit")
  void aCancelledConsumersMessagesAreAcknowledgedWithTheCommit() throws Exception {
    publish(channel, "there", "a", "b");
    BlockingQueue<Long> tags = new LinkedBlockingQueue<>();
    channel.txSelect();
    String consumer =
        channel.basicConsume(
            "there", false, (t, d) -> tags.add(d.getEnvelope().getDeliveryTag()), t -> {});
    long first = tags.poll(10, TimeUnit.SECONDS);
    long second = tags.poll(10, TimeUnit.SECONDS);
    channel.basicCancel(consumer);
    channel.basicAck(first, false);
    channel.txCommit();
    channel.basicAck(second, false);
    channel.txRollback();
    nothingIn("there");
    channel.close();

    channel = open();
    get("there", "b");
    nothingIn("there");
  }

  @Test
  @Tag("amqp091:tx.commit")
  void anUnknownTagIsAnErrorAtOnce() throws Exception {
    publish(channel, "here", "a");
    channel.txSelect();
    long tag = get("here", "a");
    channel.basicAck(tag, false);
    channel.basicAck(tag, false);

    expectClosed(406, "PRECONDITION_FAILED - unknown delivery tag " + tag);
  }

  @Test
  @Tag("amqp091:tx.commit")
  void whoHasNotSelectedCannotCommit() throws Exception {
    assertThatThrownBy(channel::txCommit).isInstanceOf(IOException.class);

    expectClosed(406, "PRECONDITION_FAILED - channel is not transactional");
  }

  @Test
  @Tag("amqp091:tx.rollback")
  void whoHasNotSelectedCannotRollBack() throws Exception {
    assertThatThrownBy(channel::txRollback).isInstanceOf(IOException.class);

    expectClosed(406, "PRECONDITION_FAILED - channel is not transactional");
  }

  @Test
  @Tag("amqp091:confirm.select")
  void aTransactionalChannelHasNoConfirms() throws Exception {
    channel.txSelect();
    channel.txSelect(); // which changes nothing
    assertThatThrownBy(channel::confirmSelect).isInstanceOf(IOException.class);

    expectClosed(406, "PRECONDITION_FAILED - cannot switch from tx to confirm mode");
  }

  @Test
  @Tag("amqp091:tx.select")
  void aChannelWithConfirmsHasNoTransactions() throws Exception {
    channel.confirmSelect();
    assertThatThrownBy(channel::txSelect).isInstanceOf(IOException.class);

    expectClosed(406, "PRECONDITION_FAILED - cannot switch from confirm to tx mode");
  }

  @Test
  @Tag("amqp091:tx.commit")
  void aQueueThatRefusesFailsTheCommit() throws Exception {
    Map<String, Object> full = Map.of("x-max-length", 0, "x-overflow", "reject-publish");
    open().queueDeclare("full", true, false, false, full);
    channel.txSelect();
    publish(channel, "here", "a");
    publish(channel, "full", "b");
    publish(channel, "there", "c");
    assertThatThrownBy(channel::txCommit).isInstanceOf(IOException.class);

    expectClosed(406, "PRECONDITION_FAILED - partial tx completion");
    channel = open();
    get("here", "a");
    get("there", "c");
  }

  @Test
  @Tag("amqp091:tx.commit")
  void anExchangeThatIsNotThereIsAnErrorAtOnce() throws Exception {
    channel.txSelect();
    channel.basicPublish("none", "", null, new byte[0]);

    expectClosed(404, "NOT_FOUND - no exchange 'none' in vhost '/'");
  }

  @Test
  @Tag("amqp091:tx.commit")
  void aTransactionBeyondItsLimitEndsTheChannelAndNothingOfItHappens() throws Exception {
    channel.txSelect();
    publish(channel, "here", "never");
    channel.basicPublish("", "here", null, new byte[(int) MOST_BYTES]);

    expectClosed(406, "PRECONDITION_FAILED - a transaction holds at most 100000 bytes");
    channel = open();
    nothingIn("here");
    assertThat(broker.metrics().value("messages.dropped{reason=transaction-full}")).isEqualTo(1);
    assertThat(broker.metrics().value("memory.held{kind=transactions}")).isZero();
  }

  @Test
  @Tag("amqp091:basic.ack")
  void acknowledgementsBeyondTheLimitEndTheChannelAndNoneOfThemHappens() throws Exception {
    int messages = (int) (MOST_BYTES / 128) + 1;
    for (int i = 0; i < messages; i++) {
      publish(channel, "there", "m");
    }
    BlockingQueue<Long> tags = new LinkedBlockingQueue<>();
    channel.txSelect();
    channel.basicConsume(
        "there", false, (t, d) -> tags.add(d.getEnvelope().getDeliveryTag()), t -> {});
    for (int i = 0; i < messages; i++) {
      assertThat(tags.poll(10, TimeUnit.SECONDS)).isNotNull();
    }
    channel.basicAck(0, true);

    expectClosed(406, "PRECONDITION_FAILED - a transaction holds at most 100000 bytes");
    channel = open();
    assertThat(channel.queueDeclarePassive("there").getMessageCount()).isEqualTo(messages);
    assertThat(broker.metrics().value("messages.dropped{reason=transaction-full}")).isEqualTo(1);
    assertThat(broker.metrics().value("memory.held{kind=transactions}")).isZero();
  }
}
