package io.carrick;

import java.util.Optional;

/**
 * A client inside this JVM: it acts through the same port as an MQTT or an AMQP client does, so
 * every guarantee is the same.
 *
 * <p>Thread-safe. Methods that return a value block until the broker has answered and therefore
 * must not be called from a broker loop. {@link #close()} requeues what was not settled and removes
 * what is exclusive to this client.
 */
public interface Client extends AutoCloseable {

  /** Returns the means to declare, bind, look up and delete. */
  Topology topology();

  /**
   * Returns a publisher to an exchange; {@code ""} is the default exchange, which routes to the
   * queue that the routing key names.
   */
  Publisher publisher(String exchange);

  /** Starts the description of a consumer of {@code source}. */
  ConsumerBuilder consumer(Source source);

  /**
   * Consumes with the defaults of {@link #consumer}: a delivery is accepted when the handler
   * returns and requeued once, then rejected, when it throws.
   *
   * @throws NotFoundException when the source names a queue or exchange that does not exist
   */
  default Subscription subscribe(Source source, DeliveryHandler handler) {
    return consumer(source).start(handler);
  }

  /**
   * Takes the next message of a queue, if there is one; the caller settles it.
   *
   * @throws NotFoundException when there is no such queue
   */
  Optional<Delivery> poll(String queue);

  @Override
  void close();
}
