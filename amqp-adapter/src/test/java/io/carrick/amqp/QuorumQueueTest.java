package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.testing.BrokerExtension;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a client can tell a quorum queue by, seen by RabbitMQ's own client. */
@Timeout(30)
@Tag("amqp091:x-queue-type=quorum")
class QuorumQueueTest {

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(EmbeddedBroker.builder().adapter(Amqp.onAnyPort())).realTime();

  private Connection connection;
  private Channel channel;

  @BeforeEach
  void connect() throws Exception {
    var factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(broker.broker().address("amqp").getPort());
    factory.setAutomaticRecoveryEnabled(false);
    connection = factory.newConnection("test");
    channel = connection.createChannel();
  }

  @AfterEach
  void close() {
    connection.abort();
  }

  private void declare(Map<String, Object> more) throws IOException {
    var arguments = new HashMap<>(more);
    arguments.put("x-queue-type", "quorum");
    channel.queueDeclare("q", true, false, false, arguments);
  }

  /** Gives a message back until it does not come any more; returns how often it came. */
  private int deliveries(int most) throws IOException {
    for (int count = 0; count < most; count++) {
      GetResponse got = channel.basicGet("q", false);
      if (got == null) {
        return count;
      }
      channel.basicReject(got.getEnvelope().getDeliveryTag(), true);
    }
    return most;
  }

  @Test
  void aMessageComesBackTwentyTimesUnlessItIsSaidOtherwise() throws Exception {
    channel.queueDeclare("dead", false, false, false, null);
    declare(Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dead"));
    channel.basicPublish("", "q", null, "m".getBytes());

    assertThat(deliveries(100)).isEqualTo(21);
    assertThat(channel.basicGet("dead", true).getBody()).isEqualTo("m".getBytes());
  }

  @Test
  void aNegativeLimitIsNone() throws Exception {
    declare(Map.of("x-delivery-limit", -1));
    channel.basicPublish("", "q", null, "m".getBytes());

    assertThat(deliveries(100)).isEqualTo(100);
  }

  @Test
  @Tag("amqp091:basic.qos")
  void aPrefetchForTheWholeChannelIsNotForIt() throws Exception {
    declare(Map.of());
    channel.basicQos(5, true);
    assertThatThrownBy(() -> channel.basicConsume("q", (t, delivery) -> {}, t -> {}))
        .isInstanceOf(IOException.class)
        .cause()
        .isInstanceOfSatisfying(
            ShutdownSignalException.class,
            end -> {
              var reason = (AMQP.Connection.Close) end.getReason();
              assertThat(reason.getReplyCode()).isEqualTo(540);
              assertThat(reason.getReplyText())
                  .isEqualTo(
                      "NOT_IMPLEMENTED - queue 'q' in vhost '/' does not support global qos");
            });
  }

  @Test
  void aPrefetchOfItsOwnIsGranted() throws Exception {
    declare(Map.of());
    channel.basicQos(5);
    assertThat(channel.basicConsume("q", (t, delivery) -> {}, t -> {})).isNotEmpty();
  }

  @Test
  @Tag("amqp091:x-overflow")
  void itDoesNotKnowRejectPublishDlxAndDropsItsOldestInstead() throws Exception {
    declare(Map.of("x-max-length", 1, "x-overflow", "reject-publish-dlx"));
    channel.basicPublish("", "q", null, "1".getBytes());
    channel.basicPublish("", "q", null, "2".getBytes());

    assertThat(channel.basicGet("q", true).getBody()).isEqualTo("2".getBytes());
  }

  @Test
  @Tag("amqp091:x-dead-letter-strategy")
  void whatItGivesUpAtLeastOnceWaitsForATargetThatIsFull() throws Exception {
    channel.queueDeclare(
        "dead", true, false, false, Map.of("x-max-length", 1, "x-overflow", "reject-publish"));
    declare(
        Map.of(
            "x-dead-letter-exchange", "",
            "x-dead-letter-routing-key", "dead",
            "x-dead-letter-strategy", "at-least-once",
            "x-overflow", "reject-publish"));
    for (String text : List.of("1", "2")) {
      channel.basicPublish("", "q", null, text.getBytes());
      GetResponse got = channel.basicGet("q", false);
      channel.basicReject(got.getEnvelope().getDeliveryTag(), false);
    }

    var bodies = new LinkedBlockingQueue<String>();
    channel.basicConsume(
        "dead", true, (t, delivery) -> bodies.add(new String(delivery.getBody())), t -> {});
    assertThat(bodies.poll(10, TimeUnit.SECONDS)).isEqualTo("1");
    assertThat(bodies.poll(10, TimeUnit.SECONDS)).isEqualTo("2");
  }
}
