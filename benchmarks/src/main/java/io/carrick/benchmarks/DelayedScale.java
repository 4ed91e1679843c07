package io.carrick.benchmarks;

import io.carrick.Binding;
import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Message;
import io.carrick.Publisher;
import io.carrick.Source;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.exchange.ExchangeTypes;
import io.carrick.journal.Journal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/**
 * Publishes very many messages that wait, with a journal, and prints what each takes of the heap
 * while it waits and of CPU time until it is in its queue. Confined to one thread, but for the
 * broker's.
 */
final class DelayedScale {

  private static final double NANOS_PER_US = 1e3;
  private static final int AT_A_TIME = 5_000;

  private DelayedScale() {}

  /** Prints the lines of docs/performance.md. */
  public static void main(String[] args) throws IOException {
    measure(20_000, 64, 5_000, 5_000);
    measure(500_000, 1_000, 3_600_000, 3_600_000);
    measure(500_000, 64, 30_000, 10_000);
  }

  /**
   * Publishes and, if that is soon, waits for all.
   *
   * @param messages how many
   * @param payload bytes of each
   * @param delayMs for how long they wait at least
   * @param spreadMs and at most that much longer
   */
  private static void measure(int messages, int payload, long delayMs, long spreadMs)
      throws IOException {
    Path data = Files.createTempDirectory("carrick-delayed");
    try (Broker broker =
            EmbeddedBroker.builder()
                .exchangeTypes(ExchangeTypes.all())
                .store(Journal.in(data).sync(Journal.Sync.OS))
                .start();
        Client client = broker.connect()) {
      client
          .topology()
          .exchange("later", "x-delayed-message")
          .durable()
          .argument("x-delayed-type", "direct")
          .declare();
      for (String queue : List.of("q", "end")) {
        client.topology().queue(queue).durable().declare();
        client.topology().bind(Binding.of("later", queue, queue));
      }
      var end = new CompletableFuture<Message>();
      client.subscribe(Source.queue("end"), delivery -> end.complete(delivery.message()));
      long heap = usedBytes();
      long cpu = BrokerThreads.cpuNanos();
      publish(client.publisher("later"), messages, payload, delayMs, spreadMs);
      double published = (BrokerThreads.cpuNanos() - cpu) / NANOS_PER_US / messages;
      long held = usedBytes() - heap;
      System.out.printf(
          "%,d messages of %,d B wait for %,d s: %,d B of heap each, published in %.1f us each%n",
          messages, payload, delayMs / 1_000, held / messages, published);
      if (delayMs < 60_000) {
        cpu = BrokerThreads.cpuNanos();
        client.publisher("later").publish("end", waiting(payload, delayMs + spreadMs));
        end.join();
        if (broker.metrics().value("messages.released") != messages + 1) {
          throw new IllegalStateException("not all have come");
        }
        System.out.printf(
            "routed to their queue in %.1f us each%n",
            (BrokerThreads.cpuNanos() - cpu) / NANOS_PER_US / messages);
      }
    } finally {
      delete(data);
    }
  }

  private static void publish(
      Publisher publisher, int messages, int payload, long delayMs, long spreadMs) {
    var outcomes = new CompletionStage<?>[AT_A_TIME];
    for (int i = 0; i < messages; i++) {
      int place = i % AT_A_TIME;
      if (outcomes[place] != null) {
        outcomes[place].toCompletableFuture().join();
      }
      outcomes[place] = publisher.publish("q", waiting(payload, delayMs + i * 7_919L % spreadMs));
    }
    List.of(outcomes).forEach(outcome -> outcome.toCompletableFuture().join());
  }

  private static Message waiting(int payload, long ms) {
    return Message.builder(new byte[payload]).persistent().header("x-delay", ms).build();
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder())
          .forEach(
              path -> {
                try {
                  Files.delete(path);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }

  private static long usedBytes() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    return memory.getHeapMemoryUsage().getUsed();
  }
}
