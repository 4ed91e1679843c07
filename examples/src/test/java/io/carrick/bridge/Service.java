package io.carrick.bridge;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.function.Executable;
import org.opentest4j.AssertionFailedError;

/** An AMQP client with one channel: RabbitMQ's. For the test's thread. */
final class Service implements AutoCloseable {

  private static final long PATIENCE_MS = 20_000;

  final Connection connection;
  final Channel channel;

  private Service(Connection connection, Channel channel) {
    this.connection = connection;
    this.channel = channel;
  }

  static Service connect(InetSocketAddress address) throws IOException, TimeoutException {
    return connect(address, "guest", "guest");
  }

  static Service connect(InetSocketAddress address, String user, String password)
      throws IOException, TimeoutException {
    return connect(factory(address), user, password);
  }

  /** Connects with the smallest frames that there are. AMQP 0-9-1 §4.2.3 */
  static Service connectWithSmallFrames(InetSocketAddress address)
      throws IOException, TimeoutException {
    ConnectionFactory factory = factory(address);
    factory.setRequestedFrameMax(4_096);
    return connect(factory, "guest", "guest");
  }

  private static ConnectionFactory factory(InetSocketAddress address) {
    var factory = new ConnectionFactory();
    factory.setHost(address.getHostString());
    factory.setPort(address.getPort());
    factory.setAutomaticRecoveryEnabled(false);
    return factory;
  }

  private static Service connect(ConnectionFactory factory, String user, String password)
      throws IOException, TimeoutException {
    factory.setUsername(user);
    factory.setPassword(password);
    Connection connection = factory.newConnection("service");
    return new Service(connection, connection.createChannel());
  }

  /** Opens another channel. */
  Channel channel() throws IOException {
    return connection.createChannel();
  }

  /** Declares a queue of this connection's own, bound to {@code amq.topic}. */
  String queue(String bindingKey) throws IOException {
    String name = channel.queueDeclare().getQueue();
    channel.queueBind(name, "amq.topic", bindingKey);
    return name;
  }

  /** Consumes a queue and leaves acknowledging to the test. */
  Inbox<Delivery> consume(String queue) throws IOException {
    return consume(channel, queue, false);
  }

  /** Consumes everything that is published to {@code amq.topic} with a matching key. */
  Inbox<Delivery> listen(String bindingKey) throws IOException {
    return consume(channel, queue(bindingKey), true);
  }

  static Inbox<Delivery> consume(Channel channel, String queue, boolean autoAck)
      throws IOException {
    var inbox = new Inbox<Delivery>("the consumer of " + queue);
    channel.basicConsume(queue, autoAck, (tag, delivery) -> inbox.add(delivery), tag -> {});
    return inbox;
  }

  /** Publishes to {@code amq.topic} and waits for the confirm. */
  void publish(String key, String text) throws Exception {
    publish(key, text.getBytes(StandardCharsets.UTF_8), persistent());
  }

  void publish(String key, byte[] payload, AMQP.BasicProperties properties) throws Exception {
    channel.confirmSelect();
    channel.basicPublish("amq.topic", key, properties, payload);
    channel.waitForConfirmsOrDie(PATIENCE_MS);
  }

  static AMQP.BasicProperties persistent() {
    return new AMQP.BasicProperties.Builder().deliveryMode(2).build();
  }

  static AMQP.BasicProperties headers(int deliveryMode, Map<String, Object> headers) {
    return new AMQP.BasicProperties.Builder().deliveryMode(deliveryMode).headers(headers).build();
  }

  static String text(Delivery delivery) {
    return new String(delivery.getBody(), StandardCharsets.UTF_8);
  }

  static String text(GetResponse got) {
    return new String(got.getBody(), StandardCharsets.UTF_8);
  }

  /** Returns the reply code with which the broker closes the channel because of an action. */
  static int replyCode(Executable action) {
    try {
      action.execute();
    } catch (Throwable thrown) {
      return replyCode(thrown);
    }
    throw new AssertionFailedError("the broker did not refuse");
  }

  private static int replyCode(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof ShutdownSignalException shutdown) {
        return reply(shutdown);
      }
    }
    throw new AssertionFailedError("not a refusal of the broker", thrown);
  }

  private static int reply(ShutdownSignalException shutdown) {
    if (shutdown.getReason() instanceof AMQP.Channel.Close close) {
      return close.getReplyCode();
    } else if (shutdown.getReason() instanceof AMQP.Connection.Close close) {
      return close.getReplyCode();
    }
    throw new AssertionFailedError("the connection ended without a reason", shutdown);
  }

  /** Waits for the broker to close the channel and returns its reply code. */
  int expectChannelClosed() {
    var closed = new Inbox<Integer>("the end of the channel");
    channel.addShutdownListener(shutdown -> closed.add(reply(shutdown)));
    return closed.take();
  }

  @Override
  public void close() {
    connection.abort((int) PATIENCE_MS);
  }
}
