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
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A message's way through the engine without socket or protocol: made, published to {@code
 * amq.topic}, routed, queued, delivered, accepted and confirmed, all on one loop, 64 messages a
 * turn. Run with {@code -prof gc}: of the bytes, 40 are the message itself.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class EngineBenchmark {

  private static final int MESSAGES = 64;
  private static final RoutingKey KEY = RoutingKey.ofTopic("sensors/kitchen/temperature");

  /** How many queues each message goes to. */
  @Param({"1", "10"})
  int queues = 1;

  /** What the two parties promise each other. */
  @Param Promise promise = Promise.CONFIRM_AND_ACCEPT;

  private final HandRunLoop loop = new HandRunLoop();
  private final PortParty party = new PortParty(loop);
  private final byte[] payload = new byte[64];
  private final Broker broker =
      EmbeddedBroker.builder().loops(prefix -> loop).adapter(party).start();
  private final Attachment port = party.attach("bench");
  private final Runnable turn = this::publishTurn;
  private long accepted;

  /** The guarantees of the two sides. */
  public enum Promise {
    /** Published without a confirm, delivered without waiting for an answer. */
    NONE,
    /** Each publish is confirmed, each delivery accepted by itself. */
    CONFIRM_AND_ACCEPT
  }

  /** Declares the queues and consumes them. */
  @Setup
  public void consume() {
    for (int i = 0; i < queues; i++) {
      String name = "q" + i;
      var declaration = new QueueDeclaration(name, false, false, false, Map.of(), null);
      party.ask((Completion<QueueInfo> done) -> port.declareQueue(declaration, done));
      List<Binding> bindings = List.of(Binding.of("amq.topic", name, "sensors.*.temperature"));
      party.ask((Completion<Done> done) -> port.bind(bindings, done));
      var sink = new Accepting();
      var request =
          new ConsumeRequest(name, promise == Promise.NONE, ConsumeRequest.Mode.SHARED, 1_000, 0);
      sink.consumption =
          party.ask((Completion<Consumption> done) -> port.consume(request, sink, done));
    }
    messages();
    if (accepted != (long) MESSAGES * queues) {
      throw new IllegalStateException("delivered " + accepted);
    }
  }

  /** Ends the broker. */
  @TearDown
  public void close() {
    broker.close();
  }

  /** One message. */
  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public long messages() {
    loop.execute(turn);
    loop.run();
    return accepted + party.confirmed();
  }

  private void publishTurn() {
    for (int i = 0; i < MESSAGES; i++) {
      Message message =
          Message.published(
              "amq.topic", KEY, MessageProperties.NONE, payload, Identity.ANONYMOUS, 0);
      if (promise == Promise.NONE) {
        port.publish(message);
      } else {
        port.publishConfirmed(message);
      }
    }
  }

  /** Accepts at once. Confined to the loop. */
  private final class Accepting implements DeliverySink {

    private @Nullable Consumption consumption;

    @Override
    public void deliver(
        long deliveryId, Message message, @Nullable Object tag, boolean redelivered) {
      accepted++;
      Consumption from = consumption;
      if (deliveryId != NO_ID && from != null) {
        from.settle(deliveryId, Settlement.ACCEPT);
      }
    }

    @Override
    public void ended(End why) {
      throw new IllegalStateException("ended: " + why);
    }
  }
}
