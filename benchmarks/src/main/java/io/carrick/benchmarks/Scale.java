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
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.Consumption;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.Done;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes very many of one thing, on one loop without sockets, and prints what each takes of the heap
 * and of CPU time, and for how long taking them away holds the loop. Confined to one thread.
 */
final class Scale {

  private static final byte[] PAYLOAD = new byte[64];
  private static final double NANOS_PER_US = 1e3;
  private static final double NANOS_PER_MS = 1e6;
  private static final int WARM_UP_PART = 10;

  private final HandRunLoop loop = new HandRunLoop();
  private final PortClient client = new PortClient(loop);

  private Scale() {}

  /**
   * What very many of something cost.
   *
   * @param what they are
   * @param count how many
   * @param heapBytes that all of them take
   * @param madeNanos CPU time in which all were made
   * @param usedNanos CPU time of one message with all of them there
   * @param goneNanos CPU time in which all went
   */
  record Cost(
      String what, int count, long heapBytes, long madeNanos, long usedNanos, long goneNanos) {

    long bytesEach() {
      return heapBytes / count;
    }

    @Override
    public String toString() {
      return "%,d %s: %,d B of heap each, made in %.1f us each, a message %,d ns, gone in %.1f ms"
          .formatted(
              count,
              what,
              bytesEach(),
              madeNanos / NANOS_PER_US / count,
              usedNanos,
              goneNanos / NANOS_PER_MS);
    }
  }

  /** Prints the table of docs/performance.md. */
  public static void main(String[] args) {
    for (boolean warm : new boolean[] {false, true}) {
      int part = warm ? 1 : WARM_UP_PART;
      print(warm, queues(50_000 / part));
      print(warm, bindings(100_000 / part, 1_000, false));
      print(warm, bindings(100_000 / part, 1, false));
      print(warm, bindings(100_000 / part, 1, true));
      print(warm, consumers(10_000 / part, false));
      print(warm, consumers(10_000 / part, true));
    }
  }

  private static void print(boolean warm, Cost cost) {
    if (warm) {
      System.out.println(cost);
    }
  }

  /** Declares queues, publishes to each, and deletes them. */
  static Cost queues(int count) {
    var scale = new Scale();
    try (Broker broker = scale.start()) {
      Attachment port = scale.client.attach("scale");
      long heap = usedBytes();
      long began = cpuNanos();
      for (int i = 0; i < count; i++) {
        scale.declare(port, "queue-" + i);
      }
      long made = cpuNanos() - began;
      long bytes = usedBytes() - heap;
      began = cpuNanos();
      for (int i = 0; i < count; i++) {
        scale.publish(port, "", RoutingKey.ofKey("queue-" + i));
      }
      long used = (cpuNanos() - began) / count;
      check(broker.queues().size() == count);
      began = cpuNanos();
      for (int i = 0; i < count; i++) {
        scale.delete(port, "queue-" + i);
      }
      return new Cost("queues", count, bytes, made, used, cpuNanos() - began);
    }
  }

  /**
   * Binds queues to a topic exchange, publishes to it, and deletes the exchange or all queues.
   *
   * @param bindings how many, each with a key of its own
   * @param queues to how many they lead
   * @param byQueue whether the queues go, rather than the exchange
   */
  static Cost bindings(int bindings, int queues, boolean byQueue) {
    var scale = new Scale();
    try (Broker broker = scale.start()) {
      Attachment port = scale.client.attach("scale");
      var exchange = new ExchangeDeclaration("topics", "topic", false, false, false, Map.of());
      scale.ask((Completion<Done> done) -> port.declareExchange(exchange, done));
      for (int i = 0; i < queues; i++) {
        scale.declare(port, "queue-" + i);
      }
      long heap = usedBytes();
      long began = cpuNanos();
      for (int i = 0; i < bindings; i++) {
        var binding = Binding.of("topics", "queue-" + i % queues, key(i, "*"));
        scale.ask((Completion<Integer> done) -> port.bind(List.of(binding), done));
      }
      long made = cpuNanos() - began;
      long bytes = usedBytes() - heap;
      int messages = Math.min(bindings, 20_000);
      began = cpuNanos();
      for (int i = 0; i < messages; i++) {
        scale.publish(port, "topics", RoutingKey.ofKey(key(i, "state")));
      }
      long used = (cpuNanos() - began) / messages;
      check(broker.queues().size() == queues);
      began = cpuNanos();
      if (byQueue) {
        for (int i = 0; i < queues; i++) {
          scale.delete(port, "queue-" + i);
        }
      } else {
        scale.ask((Completion<Done> done) -> port.deleteExchange("topics", false, done));
      }
      long gone = cpuNanos() - began;
      String what =
          "bindings of a topic exchange to %,d queues, %s deleted"
              .formatted(queues, byQueue ? "which are" : "which is");
      return new Cost(what, bindings, bytes, made, used, gone);
    }
  }

  private static String key(int number, String last) {
    return "site" + number % 100 + ".device" + number + ".pump." + last;
  }

  /**
   * Consumes one queue, publishes to it so that each gets some, and ends all of them.
   *
   * @param byQueue whether the queue is deleted, rather than each consumer detached
   */
  static Cost consumers(int count, boolean byQueue) {
    var scale = new Scale();
    try (Broker broker = scale.start()) {
      Attachment port = scale.client.attach("scale");
      scale.declare(port, "shared");
      var request = new ConsumeRequest("shared", false, Mode.SHARED, 10, 0);
      var all = new ArrayList<Accepting>();
      long heap = usedBytes();
      long began = cpuNanos();
      for (int i = 0; i < count; i++) {
        var sink = new Accepting();
        sink.consumption =
            scale.ask((Completion<Consumption> done) -> port.consume(request, sink, done));
        all.add(sink);
      }
      long made = cpuNanos() - began;
      long bytes = usedBytes() - heap;
      int messages = count * 5;
      began = cpuNanos();
      for (int i = 0; i < messages; i++) {
        scale.publish(port, "", RoutingKey.ofKey("shared"));
      }
      long used = (cpuNanos() - began) / messages;
      check(all.stream().allMatch(sink -> sink.taken == 5)); // as they are served in turn
      check(broker.consumers().size() == count);
      began = cpuNanos();
      if (byQueue) {
        scale.delete(port, "shared");
      } else {
        scale.loop.execute(port::close);
        scale.loop.run();
      }
      long gone = cpuNanos() - began;
      String what = "consumers of one queue, " + (byQueue ? "which is deleted" : "who leave");
      return new Cost(what, count, bytes, made, used, gone);
    }
  }

  private static void check(boolean there) {
    if (!there) {
      throw new IllegalStateException("something is missing");
    }
  }

  // ---- the engine alone

  private Broker start() {
    return EmbeddedBroker.builder().loops(prefix -> loop).adapter(client).start();
  }

  private <T> T ask(java.util.function.Consumer<Completion<T>> question) {
    return client.ask(question);
  }

  private void declare(Attachment port, String queue) {
    var declaration = new QueueDeclaration(queue, false, false, false, Map.of(), null);
    ask((Completion<QueueInfo> done) -> port.declareQueue(declaration, done));
  }

  private void delete(Attachment port, String queue) {
    ask((Completion<Long> done) -> port.deleteQueue(queue, false, false, done));
  }

  private void publish(Attachment port, String exchange, RoutingKey key) {
    Message message =
        Message.published(exchange, key, MessageProperties.NONE, PAYLOAD, Identity.ANONYMOUS, 0);
    loop.execute(
        () -> {
          if (!port.publish(message)) {
            throw new IllegalStateException("no queue matched " + key);
          }
        });
    loop.run();
  }

  /** Accepts at once. Confined to the loop. */
  private static final class Accepting implements DeliverySink {

    private @Nullable Consumption consumption;
    private int taken;

    @Override
    public void deliver(long id, Message message, @Nullable Object tag, boolean redelivered) {
      taken++;
      Consumption from = consumption;
      if (from != null) {
        from.settle(id, Settlement.ACCEPT);
      }
    }

    @Override
    public void ended(End why) {}
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static long usedBytes() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    return memory.getHeapMemoryUsage().getUsed();
  }
}
