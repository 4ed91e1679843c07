package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.carrick.testing.BrokerExtension;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

/** RabbitMQ's own client and queues with a single active consumer. */
@Timeout(60)
@Tag("amqp091:x-single-active-consumer")
class SingleActiveConsumerTest {

  @RegisterExtension final BrokerExtension broker = BrokerExtension.with(Amqp.onAnyPort());

  private final BlockingQueue<String> got = new LinkedBlockingQueue<>();
  private Connection connection;
  private Channel channel;

  @BeforeEach
  void connect() throws Exception {
    connection = newConnection();
    channel = connection.createChannel();
    channel.queueDeclare("q", true, false, false, Map.of("x-single-active-consumer", true));
  }

  private Connection newConnection() throws Exception {
    var factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(broker.address("amqp").getPort());
    factory.setAutomaticRecoveryEnabled(false);
    return factory.newConnection();
  }

  @AfterEach
  void close() {
    connection.abort();
  }

  private void consume(Channel on, String name) throws IOException {
    on.basicConsume(
        "q",
        false,
        name,
        (tag, delivery) ->
            got.add(
                name
                    + " "
                    + new String(delivery.getBody(), StandardCharsets.UTF_8)
                    + (delivery.getEnvelope().isRedeliver() ? "*" : "")),
        tag -> {});
  }

  private void publish(String text) throws IOException {
    channel.basicPublish("", "q", null, text.getBytes(StandardCharsets.UTF_8));
  }

  private String next() throws InterruptedException {
    return got.poll(20, TimeUnit.SECONDS);
  }

  @Test
  void theNextTakesOverWhenTheActiveOneIsCancelledOrItsConnectionEnds() throws Exception {
    Connection ending = newConnection();
    consume(channel, "first");
    consume(ending.createChannel(), "second");
    consume(channel, "third");
    publish("1");
    publish("2");
    assertThat(next()).isEqualTo("first 1");
    assertThat(next()).isEqualTo("first 2");

    channel.basicCancel("first");
    publish("3");
    assertThat(next()).isEqualTo("second 3");
    channel.basicNack(1, false, true);
    assertThat(next()).isEqualTo("second 1*");

    ending.close();
    assertThat(next()).isEqualTo("third 1*");
    assertThat(next()).isEqualTo("third 3*");
    publish("4");
    assertThat(next()).isEqualTo("third 4");
  }

  @Test
  void consumingItExclusivelyIsRefused() {
    assertThatThrownBy(
            () -> channel.basicConsume("q", true, "", false, true, null, (t, d) -> {}, t -> {}))
        .isInstanceOf(IOException.class)
        .cause()
        .hasMessageContaining("reply-code=403")
        .hasMessageContaining("queue 'q' in vhost '/' in exclusive use");
  }
}
