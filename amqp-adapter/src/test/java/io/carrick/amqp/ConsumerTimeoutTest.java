package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.carrick.Policy;
import io.carrick.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** RabbitMQ's own client, when it does not acknowledge in time. */
@Timeout(60)
class ConsumerTimeoutTest {

  @RegisterExtension final BrokerExtension broker = BrokerExtension.with(Amqp.onAnyPort());

  private Connection connection;
  private final BlockingQueue<String> got = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> closed = new LinkedBlockingQueue<>();

  @BeforeEach
  void connect() throws Exception {
    var factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(broker.address("amqp").getPort());
    factory.setAutomaticRecoveryEnabled(false);
    factory.setRequestedHeartbeat(0);
    connection = factory.newConnection();
    try (Channel channel = connection.createChannel()) {
      Map<String, Object> arguments = Map.of("x-consumer-timeout", 5_000);
      channel.queueDeclare("q", true, false, false, arguments);
    }
  }

  @AfterEach
  void close() {
    connection.abort();
  }

  private Channel channel() throws Exception {
    Channel channel = connection.createChannel();
    channel.addShutdownListener(
        cause -> {
          var close = (AMQP.Channel.Close) cause.getReason();
          closed.add(
              channel.getChannelNumber()
                  + ": "
                  + close.getReplyCode()
                  + " "
                  + close.getReplyText());
        });
    return channel;
  }

  private void consume(Channel channel, String tag) throws Exception {
    channel.basicConsume(
        "q",
        false,
        tag,
        (t, delivery) ->
            got.add(
                t
                    + " "
                    + new String(delivery.getBody(), StandardCharsets.UTF_8)
                    + (delivery.getEnvelope().isRedeliver() ? "*" : "")),
        t -> got.add(t + " cancelled"));
  }

  private static void publish(Channel channel, String text) throws Exception {
    channel.basicPublish("", "q", null, text.getBytes(StandardCharsets.UTF_8));
  }

  private String next(BlockingQueue<String> from) throws Exception {
    return from.poll(20, TimeUnit.SECONDS);
  }

  @Test
  @Tag("amqp091:x-consumer-timeout")
  void theChannelOfWhoDoesNotAcknowledgeIsClosedAndOthersGetWhatItHad() throws Exception {
    Channel slow = channel();
    consume(slow, "slow");
    publish(slow, "1");
    assertThat(next(got)).isEqualTo("slow 1");
    Channel other = channel();
    consume(other, "other");

    broker.advance(Duration.ofMillis(5_000));

    assertThat(next(closed))
        .isEqualTo(
            slow.getChannelNumber()
                + ": 406 PRECONDITION_FAILED - delivery acknowledgement on channel "
                + slow.getChannelNumber()
                + " timed out. Timeout value used: 5000 ms");
    assertThat(next(got)).isEqualTo("other 1*");
    publish(other, "2");
    assertThat(next(got)).isEqualTo("other 2");
    assertThat(connection.isOpen()).isTrue();
    assertThat(other.isOpen()).isTrue();
  }

  @Test
  @Tag("amqp091:x-consumer-timeout")
  void theChannelOfWhoTakesAMessageAndForgetsItIsClosed() throws Exception {
    Channel forgetful = channel();
    publish(forgetful, "1");
    assertThat(forgetful.basicGet("q", false)).isNotNull();

    broker.advance(Duration.ofMillis(5_000));

    assertThat(next(closed)).contains("timed out. Timeout value used: 5000 ms");
    Channel other = channel();
    assertThat(other.basicGet("q", true).getEnvelope().isRedeliver()).isTrue();
  }

  @Test
  @Tag("amqp091:x-consumer-timeout")
  void whoAcknowledgesInTimeStays() throws Exception {
    Channel channel = channel();
    consume(channel, "good");
    for (int tag = 1; tag <= 3; tag++) {
      publish(channel, "" + tag);
      assertThat(next(got)).isEqualTo("good " + tag);
      broker.advance(Duration.ofMillis(4_999));
      channel.basicAck(tag, false);
      channel.queueDeclarePassive("q"); // the acknowledgement was before this
    }
    broker.advance(Duration.ofMillis(20_000));
    assertThat(channel.isOpen()).isTrue();
    assertThat(channel.queueDeclarePassive("q").getMessageCount()).isZero();
  }

  @Test
  @Tag("amqp091:policies")
  void aPolicyGivesAQueueATimeForWhatItsConsumersHaveAlready() throws Exception {
    Channel slow = channel();
    slow.queueDelete("q");
    slow.queueDeclare("q", true, false, false, Map.of());
    consume(slow, "slow");
    publish(slow, "1");
    assertThat(next(got)).isEqualTo("slow 1");
    broker.advance(Duration.ofSeconds(30));

    Policy policy = Policy.of("/", "p", "^q$").set("consumer-timeout", 7_000);
    broker.await(broker.broker().admin().policies().put(policy));
    broker.advance(Duration.ofMillis(6_999));
    slow.queueDeclarePassive("q"); // it is open
    broker.advance(Duration.ofMillis(1));

    assertThat(next(closed)).contains("timed out. Timeout value used: 7000 ms");
  }
}
