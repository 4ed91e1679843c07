package io.carrick.examples;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * A service behind devices: reads the moisture of beds from a queue and has the valve of a dry bed
 * opened. It knows AMQP and no broker in particular. Its channel is used by one thread of the
 * client library.
 */
final class Irrigation {

  private static final String EXCHANGE = "amq.topic"; // where MQTT devices meet AMQP services
  private static final String QUEUE = "moisture";
  private static final int PREFETCH = 100;
  private static final int DRY_PERCENT = 20;

  private final Channel channel;

  private Irrigation(Channel channel) {
    this.channel = channel;
  }

  /** Begins to work, until the connection closes; what comes meanwhile waits in the queue. */
  static void start(Connection connection) throws IOException {
    Channel channel = connection.createChannel();
    channel.queueDeclare(QUEUE, true, false, false, null);
    channel.queueBind(QUEUE, EXCHANGE, "greenhouse.*.moisture");
    channel.basicQos(PREFETCH);
    var irrigation = new Irrigation(channel);
    channel.basicConsume(QUEUE, false, (tag, reading) -> irrigation.measured(reading), tag -> {});
  }

  private void measured(Delivery reading) throws IOException {
    long tag = reading.getEnvelope().getDeliveryTag();
    int percent;
    try {
      percent = Integer.parseInt(new String(reading.getBody(), StandardCharsets.UTF_8));
    } catch (NumberFormatException e) {
      channel.basicReject(tag, false); // a second try would not make it a number
      return;
    }
    if (percent < DRY_PERCENT) {
      String bed = reading.getEnvelope().getRoutingKey().split("\\.", -1)[1];
      channel.basicPublish(
          EXCHANGE,
          "greenhouse." + bed + ".valve",
          MessageProperties.PERSISTENT_TEXT_PLAIN,
          "open".getBytes(StandardCharsets.UTF_8));
    }
    channel.basicAck(tag, false); // last: after a crash before it, the reading comes again
  }
}
