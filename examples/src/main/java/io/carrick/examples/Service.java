package io.carrick.examples;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.TimeoutException;

/**
 * What stands behind the devices: consumes their readings by AMQP, acknowledges each, and sends
 * commands back. Its channels are used by the client library's threads.
 */
final class Service implements AutoCloseable {

  private static final String EXCHANGE = "amq.topic";
  private static final String QUEUE = "readings";
  private static final int PREFETCH = 500;
  private static final int READINGS_PER_COMMAND = 20;
  private static final int QOS_LEVELS = 3;

  private final Connection connection;
  private final Channel commands;
  private final Tally tally;

  /** Confirms that are awaited. Guarded by itself. */
  private final NavigableSet<Long> unconfirmed = new TreeSet<>();

  private Service(Connection connection, Channel commands, Tally tally) {
    this.connection = connection;
    this.commands = commands;
    this.tally = tally;
  }

  static Service connect(InetSocketAddress broker, Tally tally)
      throws IOException, TimeoutException {
    var factory = new ConnectionFactory();
    factory.setHost(broker.getHostString());
    factory.setPort(broker.getPort());
    factory.setAutomaticRecoveryEnabled(false);
    Connection connection = factory.newConnection("demo-service");
    var service = new Service(connection, connection.createChannel(), tally);
    service.start(connection.createChannel());
    return service;
  }

  private void start(Channel readings) throws IOException {
    commands.confirmSelect();
    commands.addConfirmListener(this::confirmed, (tag, multiple) -> {});
    readings.queueDeclare(QUEUE, true, false, false, null);
    readings.queueBind(QUEUE, EXCHANGE, "devices.*.reading");
    readings.basicQos(PREFETCH);
    readings.basicConsume(QUEUE, false, new Readings(readings));
  }

  private void confirmed(long tag, boolean multiple) {
    synchronized (unconfirmed) {
      NavigableSet<Long> answered =
          multiple ? unconfirmed.headSet(tag, true) : unconfirmed.subSet(tag, true, tag, true);
      answered.forEach(each -> tally.commands().countAcknowledged());
      answered.clear();
    }
  }

  private void command(int device, int number) throws IOException {
    byte[] payload = new Stamp(device, number, tally.nanos()).bytes();
    synchronized (unconfirmed) {
      unconfirmed.add(commands.getNextPublishSeqNo());
    }
    tally.commands().countSent();
    commands.basicPublish(
        EXCHANGE,
        "devices." + device + ".command",
        MessageProperties.PERSISTENT_TEXT_PLAIN,
        payload);
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }

  /** Takes readings. */
  private final class Readings extends DefaultConsumer {

    Readings(Channel channel) {
      super(channel);
    }

    @Override
    public void handleDelivery(
        String tag, Envelope envelope, BasicProperties properties, byte[] body) throws IOException {
      long nowNanos = tally.nanos();
      Stamp stamp = Stamp.of(body);
      getChannel().basicAck(envelope.getDeliveryTag(), false);
      // Before the reading is counted: whoever sees that all readings came sees every command sent.
      if (stamp.number() % READINGS_PER_COMMAND == 0) {
        command(stamp.device(), stamp.number());
      }
      tally.readings(stamp.number() % QOS_LEVELS).arrived(stamp, nowNanos);
    }
  }
}
