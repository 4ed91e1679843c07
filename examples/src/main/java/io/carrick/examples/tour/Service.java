package io.carrick.examples.tour;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Delivery;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A client of AMQP 0-9-1: RabbitMQ's. Thread-safe but for its channel. */
final class Service implements AutoCloseable {

  private static final int PATIENCE_MS = 20_000;

  final Channel channel;

  private final Connection connection;
  private final BlockingQueue<Delivery> inbox = new LinkedBlockingQueue<>();

  private Service(Connection connection) throws IOException {
    this.connection = connection;
    this.channel = connection.createChannel();
    channel.confirmSelect();
  }

  static Service connect(InetSocketAddress broker, String name) throws Exception {
    var factory = new ConnectionFactory(); // guest, guest, "/"
    factory.setHost(broker.getHostString());
    factory.setPort(broker.getPort());
    return new Service(factory.newConnection(name));
  }

  /** Consumes all that comes to {@code amq.topic} with a matching key. */
  Service listen(String bindingKey) throws IOException {
    return listen(bindingKey, Map.of());
  }

  /** Consumes all that comes to {@code amq.topic} by a binding with arguments. */
  Service listen(String bindingKey, Map<String, Object> arguments) throws IOException {
    String queue = channel.queueDeclare().getQueue();
    channel.queueBind(queue, "amq.topic", bindingKey, arguments);
    return consume(queue);
  }

  /** Consumes a queue, acknowledges what it gets, and keeps it for {@link #take}. */
  Service consume(String queue) throws IOException {
    return consume(queue, inbox::add);
  }

  /** Consumes a queue, does something with what it gets, and acknowledges it. */
  Service consume(String queue, Consumer<Delivery> with) throws IOException {
    channel.basicConsume(
        queue,
        false,
        (tag, delivery) -> {
          with.accept(delivery);
          channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
        },
        tag -> {});
    return this;
  }

  /** Consumes the answers to what this channel asks: RabbitMQ's direct reply-to. */
  Service consumeReplies() throws IOException {
    channel.basicConsume(
        "amq.rabbitmq.reply-to", true, (tag, delivery) -> inbox.add(delivery), tag -> {});
    return this;
  }

  /** Publishes and waits for the confirm. */
  void publish(String exchange, String key, AMQP.BasicProperties properties, String text)
      throws Exception {
    channel.basicPublish(exchange, key, properties, text.getBytes(StandardCharsets.UTF_8));
    channel.waitForConfirmsOrDie(PATIENCE_MS);
  }

  /** Starts properties of a persistent message. */
  static AMQP.BasicProperties.Builder persistent() {
    return new AMQP.BasicProperties.Builder().deliveryMode(2);
  }

  /** Returns the next delivery. */
  Delivery take() throws InterruptedException {
    Delivery next = inbox.poll(PATIENCE_MS, TimeUnit.MILLISECONDS);
    if (next == null) {
      throw new IllegalStateException("nothing has come to " + connection);
    }
    return next;
  }

  static String text(Delivery delivery) {
    return new String(delivery.getBody(), StandardCharsets.UTF_8);
  }

  /** Returns a header as a text; empty if there is none. */
  static String header(Delivery delivery, String name) {
    Map<String, Object> headers = delivery.getProperties().getHeaders();
    Object value = headers == null ? null : headers.get(name);
    return value == null ? "" : value.toString();
  }

  @Override
  public void close() {
    connection.abort(PATIENCE_MS);
  }
}
