package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Consumes a durable queue that is declared and bound once, or leaves it alone until the end. Used
 * by one thread at a time, and by its connection's.
 */
final class CrashAmqpConsumer extends CrashWorker {

  private static final int PREFETCH = 64;
  private static final long PATIENCE_SECONDS = 60;
  private static final String END = "end";

  private final String queue;
  private final CrashLedger ledger;
  private final boolean patient;
  private boolean declared;

  /**
   * Makes a consumer.
   *
   * @param patient whether it takes nothing before the end
   */
  CrashAmqpConsumer(String queue, CrashLedger ledger, boolean patient) {
    this.queue = queue;
    this.ledger = ledger;
    this.patient = patient;
  }

  static Connection connect(CrashBroker broker) throws Exception {
    var factory = new ConnectionFactory();
    factory.setHost(broker.amqp().getHostString());
    factory.setPort(broker.amqp().getPort());
    factory.setAutomaticRecoveryEnabled(false);
    return factory.newConnection("crash");
  }

  @Override
  void work(CrashBroker broker) throws Exception {
    try (Connection connection = connect(broker)) {
      Channel channel = connection.createChannel();
      if (!declared) {
        channel.queueDeclare(queue, true, false, false, null);
        channel.queueBind(queue, "amq.topic", "crash.#");
        declared = true;
      }
      if (finishing()) {
        drain(channel);
      } else if (!patient) {
        consume(connection, channel);
      }
    }
  }

  private void consume(Connection connection, Channel channel) throws Exception {
    var gone = new CountDownLatch(1);
    connection.addShutdownListener(cause -> gone.countDown());
    channel.basicQos(PREFETCH);
    channel.basicConsume(
        queue,
        false,
        (tag, delivery) -> {
          saw(delivery.getBody(), delivery.getEnvelope().isRedeliver());
          channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
        },
        tag -> {});
    ready();
    assertThat(gone.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("the broker is gone").isTrue();
  }

  /** Takes everything there is, up to a message of its own. */
  private void drain(Channel channel) throws Exception {
    channel.confirmSelect();
    channel.basicPublish(
        "", queue, MessageProperties.MINIMAL_BASIC, END.getBytes(StandardCharsets.UTF_8));
    channel.waitForConfirmsOrDie();
    var end = new CountDownLatch(1);
    channel.basicConsume(
        queue,
        true,
        (tag, delivery) -> {
          if (delivery.getBody().length == END.length()) {
            end.countDown();
          } else {
            saw(delivery.getBody(), delivery.getEnvelope().isRedeliver());
          }
        },
        tag -> {});
    assertThat(end.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("%s is empty", queue).isTrue();
  }

  private void saw(byte[] body, boolean redelivered) {
    ledger.saw(new String(body, StandardCharsets.UTF_8), redelivered);
  }
}
