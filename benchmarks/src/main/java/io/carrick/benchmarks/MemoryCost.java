package io.carrick.benchmarks;

import io.carrick.Binding;
import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.Publisher;
import io.carrick.RoutingKey;
import io.carrick.engine.EmbeddedBroker;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.util.Map;

/**
 * Fills queues in memory and prints what a message takes of the heap, and what the broker believes
 * that it takes.
 */
final class MemoryCost {

  private static final String KEY = "some.usual.key";
  private static final long PLENTY_BYTES = 1L << 40;

  private MemoryCost() {}

  /**
   * What messages cost, each.
   *
   * @param heapBytes of the live heap
   * @param countedBytes by the broker's account
   */
  record Cost(long heapBytes, long countedBytes) {}

  /** Prints the table of docs/limits.md. */
  public static void main(String[] args) {
    print(10_000, 64, 1);
    print(300_000, 64, 1);
    print(300_000, 1_000, 1);
    print(100_000, 64, 10);
    print(10_000, 64, 30);
  }

  private static void print(int messages, int payload, int queues) {
    Cost cost = measure(messages, payload, queues);
    System.out.printf(
        "%,d messages of %,d B in %d queues: %,d B of heap each, %,d B counted%n",
        messages, payload, queues, cost.heapBytes, cost.countedBytes);
  }

  /** Publishes that many messages to each of the queues, and nobody consumes them. */
  static Cost measure(int messages, int payload, int queues) {
    Limits limits = Limits.defaults().with(Limit.MEMORY_BYTES, PLENTY_BYTES);
    try (Broker broker = EmbeddedBroker.builder().limits(limits).start();
        Client client = broker.connect()) {
      for (int i = 0; i < queues; i++) {
        String queue = client.topology().queue("q" + i).declare();
        client
            .topology()
            .bind(
                new Binding(
                    "amq.fanout", Binding.Target.QUEUE, queue, RoutingKey.EMPTY, Map.of(), null));
      }
      Publisher publisher = client.publisher("amq.fanout");
      finish(publisher, payload);
      long usedBefore = usedBytes();
      long countedBefore = countedBytes(broker);
      for (int i = 1; i < messages; i++) {
        publisher.send(KEY, Message.of(new byte[payload]));
      }
      finish(publisher, payload);
      return new Cost(
          (usedBytes() - usedBefore) / messages, (countedBytes(broker) - countedBefore) / messages);
    }
  }

  private static void finish(Publisher publisher, int payload) {
    publisher.publish(KEY, Message.of(new byte[payload])).toCompletableFuture().join();
  }

  private static long countedBytes(Broker broker) {
    return broker.metrics().counters().entrySet().stream()
        .filter(counter -> counter.getKey().startsWith("memory.held{"))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  private static long usedBytes() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    return memory.getHeapMemoryUsage().getUsed();
  }
}
