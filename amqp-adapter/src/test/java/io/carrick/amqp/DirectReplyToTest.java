package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import io.carrick.Broker;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.transport.NettyLoops;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** RabbitMQ's own client and replies without a queue, between connections on two loops. */
@Timeout(60)
@Tag("amqp091:direct-reply-to")
class DirectReplyToTest {

  private static final String NAME = "amq.rabbitmq.reply-to";

  private final Broker broker =
      EmbeddedBroker.builder().loops(NettyLoops.factory(2)).adapter(Amqp.onAnyPort()).start();
  private final ConnectionFactory factory = new ConnectionFactory();
  private final List<Connection> connections = new ArrayList<>();
  private final BlockingQueue<String> replies = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> returned = new LinkedBlockingQueue<>();
  private Channel requester;
  private Channel server;

  @BeforeEach
  void connect() throws Exception {
    factory.setHost("127.0.0.1");
    factory.setPort(broker.address("amqp").getPort());
    factory.setAutomaticRecoveryEnabled(false);
    requester = open();
    server = open();
    server.queueDeclare("requests", false, false, false, null);
    server.confirmSelect();
    server.addReturnListener(r -> returned.add(r.getReplyCode() + " " + r.getReplyText()));
  }

  private Channel open() throws Exception {
    Connection connection = factory.newConnection();
    connections.add(connection);
    return connection.createChannel();
  }

  @AfterEach
  void close() {
    connections.forEach(Connection::abort);
    broker.close();
  }

  private String consume(Channel by) throws IOException {
    return by.basicConsume(
        NAME,
        true,
        (t, d) -> replies.add(new String(d.getBody(), StandardCharsets.UTF_8)),
        t -> {});
  }

  private static void request(Channel by, String correlation) throws IOException {
    var properties =
        new AMQP.BasicProperties.Builder()
            .replyTo(NAME)
            .correlationId(correlation)
            .contentType("text/plain")
            .appId("app")
            .build();
    by.basicPublish("", "requests", properties, new byte[0]);
  }

  private AMQP.BasicProperties takeRequest() throws Exception {
    requester.queueDeclarePassive("requests"); // behind what was published
    GetResponse got = server.basicGet("requests", true);
    assertThat(got).isNotNull();
    return got.getProps();
  }

  private void reply(String address, String text) throws Exception {
    server.basicPublish("", address, true, null, text.getBytes(StandardCharsets.UTF_8));
    server.waitForConfirmsOrDie(10_000);
  }

  private String nextReply() throws InterruptedException {
    return replies.poll(10, TimeUnit.SECONDS);
  }

  private static void expectRefused(Channel channel, int code, String text) throws Exception {
    var closed = new LinkedBlockingQueue<ShutdownSignalException>();
    channel.addShutdownListener(closed::add); // which tells also of what was before
    var why = (AMQP.Channel.Close) closed.poll(10, TimeUnit.SECONDS).getReason();
    assertThat(why.getReplyCode()).isEqualTo(code);
    assertThat(why.getReplyText()).isEqualTo(text);
  }

  @Test
  void aReplyComesToWhoAskedAndTheOtherPropertiesStayAsTheyWere() throws Exception {
    consume(requester);
    request(requester, "7");
    AMQP.BasicProperties asked = takeRequest();

    assertThat(asked.getReplyTo()).startsWith(NAME + ".");
    assertThat(asked.getCorrelationId()).isEqualTo("7");
    assertThat(asked.getContentType()).isEqualTo("text/plain");
    assertThat(asked.getAppId()).isEqualTo("app");
    reply(asked.getReplyTo(), "answer");
    assertThat(nextReply()).isEqualTo("answer");
    assertThat(returned).isEmpty();
    assertThat(broker.queues()).hasSize(1);
  }

  @Test
  void anAddressThatIsNotRightLeadsNowhere() throws Exception {
    consume(requester);
    request(requester, "1");
    String address = takeRequest().getReplyTo();
    String wrong = address.substring(0, address.length() - 5) + "xxxxx";

    AMQP.Queue.DeclareOk there = server.queueDeclarePassive(address);
    assertThat(there.getQueue()).isEqualTo(address);
    assertThat(there.getMessageCount()).isZero();
    assertThat(there.getConsumerCount()).isEqualTo(1);
    reply(wrong, "lost");
    assertThat(returned).containsExactly("312 NO_ROUTE");
    reply(address, "answer");
    assertThat(nextReply()).isEqualTo("answer");
    Channel other = open();
    assertThatThrownBy(() -> other.queueDeclarePassive(wrong)).isInstanceOf(IOException.class);
    expectRefused(other, 404, "NOT_FOUND - no queue '" + wrong + "' in vhost '/'");
  }

  @Test
  void whoHasGoneGetsNoRepliesAndWhoSendsThemMandatoryHearsOfIt() throws Exception {
    consume(requester);
    request(requester, "1");
    String address = takeRequest().getReplyTo();
    connections.get(0).close();

    reply(address, "too late");

    assertThat(returned).containsExactly("312 NO_ROUTE");
  }

  @Test
  void whoHasCancelledGetsNoRepliesAndMayConsumeThemAgainUnderAnotherAddress() throws Exception {
    String tag = consume(requester);
    request(requester, "1");
    String first = takeRequest().getReplyTo();
    requester.basicCancel(tag);
    reply(first, "too late");
    assertThat(returned).hasSize(1);

    assertThat(consume(requester)).isNotEqualTo(tag);
    request(requester, "2");
    String second = takeRequest().getReplyTo();
    reply(second, "answer");

    assertThat(second).isNotEqualTo(first);
    assertThat(nextReply()).isEqualTo("answer");
  }

  @Test
  void eachChannelHasItsOwnReplies() throws Exception {
    consume(requester);
    Channel other = connections.get(0).createChannel();
    request(other, "1");

    expectRefused(other, 406, "PRECONDITION_FAILED - fast reply consumer does not exist");
  }

  @Test
  void repliesCannotBeAcknowledged() throws Exception {
    assertThatThrownBy(() -> requester.basicConsume(NAME, false, (t, d) -> {}, t -> {}))
        .isInstanceOf(IOException.class);

    expectRefused(requester, 406, "PRECONDITION_FAILED - reply consumer cannot acknowledge");
  }

  @Test
  void aChannelConsumesRepliesOnce() throws Exception {
    consume(requester);
    assertThatThrownBy(() -> consume(requester)).isInstanceOf(IOException.class);

    expectRefused(requester, 406, "PRECONDITION_FAILED - reply consumer already set");
  }
}
