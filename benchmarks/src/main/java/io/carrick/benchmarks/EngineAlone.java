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
import io.carrick.spi.Done;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A broker without sockets and protocols, whose loop runs when told to, and one party of it.
 * Confined to one thread.
 */
final class EngineAlone implements AutoCloseable {

  private static final byte[] PAYLOAD = new byte[64];

  private final HandRunLoop loop = new HandRunLoop();
  private final PortParty party = new PortParty(loop);
  private final Broker broker =
      EmbeddedBroker.builder().loops(prefix -> loop).adapter(party).start();
  private final Attachment port = party.attach("bench");
  private long accepted;

  void declare(String queue) {
    var declaration = new QueueDeclaration(queue, false, false, false, Map.of(), null);
    party.ask((Completion<QueueInfo> done) -> port.declareQueue(declaration, done));
  }

  void bind(List<Binding> bindings) {
    party.ask((Completion<Done> done) -> port.bind(bindings, done));
  }

  Consumption consume(String queue, int prefetch, DeliverySink sink) {
    var request = new ConsumeRequest(queue, false, ConsumeRequest.Mode.SHARED, prefetch, 0);
    return party.ask((Completion<Consumption> done) -> port.consume(request, sink, done));
  }

  /** Consumes a queue and accepts each delivery at once. */
  void acceptAll(String queue) {
    var sink = new Accepting();
    sink.consumption = consume(queue, 100, sink);
  }

  /** Returns how many deliveries were accepted at once. */
  long accepted() {
    return accepted;
  }

  /** Publishes a new message of 64 bytes; in a turn. */
  void publish(String exchange, RoutingKey key) {
    port.publishConfirmed(
        Message.published(exchange, key, MessageProperties.NONE, PAYLOAD, Identity.ANONYMOUS, 0));
  }

  /** Runs a turn and all that comes of it. */
  void run(Runnable turn) {
    loop.execute(turn);
    loop.run();
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
      accepted++;
      Consumption from = consumption;
      if (from != null) {
        from.settle(id, Settlement.ACCEPT);
      }
    }

    @Override
    public void ended(End why) {
      throw new IllegalStateException("ended: " + why);
    }
  }
}
