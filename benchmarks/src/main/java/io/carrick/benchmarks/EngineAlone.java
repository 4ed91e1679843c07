package io.carrick.benchmarks;

import io.carrick.Binding;
import io.carrick.Broker;
import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.QueueInfo;
import io.carrick.RoutingKey;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.Consumption;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A broker without sockets and protocols, whose loop runs when told to, and one client of it.
 * Confined to one thread.
 */
final class EngineAlone implements AutoCloseable {

  private static final byte[] PAYLOAD = new byte[64];

  private final HandRunLoop loop = new HandRunLoop();
  private final PortClient client = new PortClient(loop);
  private final Broker broker =
      EmbeddedBroker.builder().loops(prefix -> loop).adapter(client).start();
  private final Attachment port = client.attach("bench");
  private long delivered;

  void declare(String queue) {
    var declaration = new QueueDeclaration(queue, false, false, false, Map.of(), null);
    client.ask((Completion<QueueInfo> done) -> port.declareQueue(declaration, done));
  }

  void bind(List<Binding> bindings) {
    client.ask((Completion<Integer> done) -> port.bind(bindings, done));
  }

  Consumption consume(String queue, int prefetch, DeliverySink sink) {
    return consume(new ConsumeRequest(queue, false, ConsumeRequest.Mode.SHARED, prefetch, 0), sink);
  }

  private Consumption consume(ConsumeRequest request, DeliverySink sink) {
    return client.ask((Completion<Consumption> done) -> port.consume(request, sink, done));
  }

  /** Consumes a queue and accepts each delivery at once. */
  void acceptAll(String queue) {
    var sink = new Accepting();
    sink.consumption = consume(queue, 100, sink);
  }

  /** Consumes a queue whose deliveries need no acceptance. */
  void takeAll(String queue) {
    consume(new ConsumeRequest(queue, true, ConsumeRequest.Mode.SHARED, 0, 0), new Accepting());
  }

  /** Publishes a new message of 64 bytes, which is confirmed; in a turn. */
  void publish(String exchange, RoutingKey key) {
    port.publishConfirmed(message(exchange, key));
  }

  /** Publishes a new message of 64 bytes without a confirm; in a turn. */
  void publishUnconfirmed(String exchange, RoutingKey key) {
    port.publish(message(exchange, key));
  }

  private static Message message(String exchange, RoutingKey key) {
    return Message.published(exchange, key, MessageProperties.NONE, PAYLOAD, Identity.ANONYMOUS, 0);
  }

  /** Runs a turn and all that comes of it; returns how many deliveries there have been so far. */
  long run(Runnable turn) {
    loop.execute(turn);
    loop.run();
    return delivered;
  }

  /** Runs the first turn, and makes sure that everything is delivered. */
  void runFirst(Runnable turn, long deliveries) {
    if (run(turn) != deliveries) {
      throw new IllegalStateException("delivered " + delivered);
    }
  }

  @Override
  public void close() {
    broker.close();
  }

  /** Accepts at once. Confined to the loop. */
  private final class Accepting implements DeliverySink {

    private @Nullable Consumption consumption;

    @Override
    public void deliver(long id, Message message, @Nullable Object tag, boolean redelivered) {
      delivered++;
      Consumption from = consumption;
      if (id != NO_ID && from != null) {
        from.settle(id, Settlement.ACCEPT);
      }
    }

    @Override
    public void ended(End why) {
      throw new IllegalStateException("ended: " + why);
    }
  }
}
