package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.storage.Disk;
import io.carrick.testing.BrokerExtension;
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
import org.junit.jupiter.api.extension.RegisterExtension;

/** RabbitMQ's own client and queues with priorities. */
@Timeout(60)
@Tag("amqp091:x-max-priority")
class PriorityQueueTest {

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(EmbeddedBroker.builder().adapter(Amqp.onAnyPort()).store(new Disk()));

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
    channel.confirmSelect();
    channel.queueDeclare("q", true, false, false, Map.of("x-max-priority", (byte) 10));
  }

  @AfterEach
  void close() {
    connection.abort();
  }

  private void publish(Integer priority, String text) throws Exception {
    BasicProperties properties =
        new BasicProperties.Builder().deliveryMode(2).priority(priority).build();
    channel.basicPublish("", "q", properties, text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(byte[] body) {
    return new String(body, StandardCharsets.UTF_8);
  }

  private List<String> drain() throws Exception {
    var all = new ArrayList<String>();
    for (GetResponse got = channel.basicGet("q", true);
        got != null;
        got = channel.basicGet("q", true)) {
      all.add(text(got.getBody()));
    }
    return all;
  }

  @Test
  void theHighestComesFirstAlsoAfterARestart() throws Exception {
    publish(null, "none");
    publish(1, "1");
    publish(200, "200");
    publish(10, "10");
    publish(1, "1 again");
    channel.waitForConfirmsOrDie(20_000);
    broker.restart();
    connect();
    assertThat(drain()).containsExactly("200", "10", "1", "1 again", "none");
  }

  @Test
  void whoTakesOneAtATimeGetsTheHighestThatIsThere() throws Exception {
    for (int i = 0; i < 30; i++) {
      publish(i % 3, i % 3 + "");
    }
    channel.waitForConfirmsOrDie(20_000);
    BlockingQueue<String> got = new LinkedBlockingQueue<>();
    channel.basicQos(1);
    channel.basicConsume(
        "q",
        false,
        (tag, delivery) -> {
          got.add(text(delivery.getBody()));
          channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
        },
        tag -> {});
    for (int i = 0; i < 30; i++) {
      assertThat(got.poll(20, TimeUnit.SECONDS)).isEqualTo("" + (2 - i / 10));
    }
  }
}
