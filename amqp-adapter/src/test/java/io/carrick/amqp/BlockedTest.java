package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.carrick.Broker;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.engine.EmbeddedBroker;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** RabbitMQ's own client hears why it is not read from, and when it is again. */
@Timeout(60)
class BlockedTest {

  private static final int MESSAGES = 2_000;
  private static final byte[] BODY = new byte[1_000];

  private final Broker broker =
      EmbeddedBroker.builder()
          .limits(Limits.defaults().with(Limit.MEMORY_BYTES, 1 << 20))
          .adapter(Amqp.onAnyPort())
          .start();
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final ConnectionFactory factory = new ConnectionFactory();
  private Connection publishing;
  private Connection consuming;

  @BeforeEach
  void connect() throws Exception {
    factory.setHost("127.0.0.1");
    factory.setPort(broker.address("amqp").getPort());
    factory.setAutomaticRecoveryEnabled(false);
    publishing = factory.newConnection("publishing");
    consuming = factory.newConnection("consuming");
    publishing.addBlockedListener(
        reason -> heard.add("blocked: " + reason), () -> heard.add("unblocked"));
    consuming.addBlockedListener(
        reason -> heard.add("consuming blocked"), () -> heard.add("consuming unblocked"));
  }

  @AfterEach
  void close() {
    publishing.abort();
    consuming.abort();
    broker.close();
  }

  @Test
  @Tag("amqp091:connection.blocked")
  @Tag("amqp091:connection.unblocked")
  void aPublisherIsBlockedWhileTheBrokerIsLowOnMemoryAndAConsumerIsNot() throws Exception {
    Channel out = publishing.createChannel();
    Channel in = consuming.createChannel();
    in.queueDeclare("q", false, false, false, null);
    out.confirmSelect();
    for (int i = 0; i < MESSAGES; i++) {
      out.basicPublish("", "q", null, BODY);
    }

    assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("blocked: low on memory");
    var got = new LinkedBlockingQueue<Long>();
    in.basicQos(100);
    in.basicConsume(
        "q",
        false,
        (tag, delivery) -> {
          in.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
          got.add(delivery.getEnvelope().getDeliveryTag());
        },
        tag -> {});
    for (int i = 0; i < MESSAGES; i++) {
      assertThat(got.poll(20, TimeUnit.SECONDS)).as("message %s", i).isNotNull();
    }

    assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("unblocked");
    out.waitForConfirmsOrDie(20_000);
    assertThat(heard).doesNotContain("consuming blocked");
  }
}
