package io.carrick.benchmarks;

import io.carrick.Binding;
import io.carrick.Broker;
import io.carrick.QueueInfo;
import io.carrick.RoutingKey;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.spi.Admission.Verdict;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Subscribes a thousand sessions to a thousand filters each, through the port and in one step for
 * each session, and prints how long that takes and how much heap a subscription takes.
 */
final class SubscriptionMemory {

  private static final int BATCH = 1_000;

  private final HandRunLoop loop = new HandRunLoop();
  private final PortClient client = new PortClient(loop);
  private final Filters filters;
  private final int sessions;

  /** What some subscriptions cost together. */
  record Cost(int subscriptions, long heapBytes, long textBytes, long wallMs, long cpuMs) {

    /** Returns the heap that each takes beside its filter's text. */
    long bytesEach() {
      return (heapBytes - textBytes) / subscriptions;
    }

    @Override
    public String toString() {
      return "%d B each and %d B of text, made in %d ms, %d ms of them at work"
          .formatted(bytesEach(), textBytes / subscriptions, wallMs, cpuMs);
    }
  }

  private SubscriptionMemory(Filters filters, int sessions) {
    this.filters = filters;
    this.sessions = sessions;
  }

  /** Subscribes to a thousand filters in each of so many sessions. */
  static Cost measure(Filters filters, int sessions) {
    return new SubscriptionMemory(filters, sessions).run();
  }

  /** Prints a line for each kind of filter, and the first once before to warm up. */
  public static void main(String[] args) {
    measure(Filters.EXACT, 1_000);
    for (Filters filters : Filters.values()) {
      System.out.println(filters + ": " + measure(filters, 1_000));
    }
  }

  private Cost run() {
    try (Broker broker = EmbeddedBroker.builder().loops(prefix -> loop).adapter(client).start()) {
      var ports = new ArrayList<Attachment>();
      for (int session = 0; session < sessions; session++) {
        ports.add(declare("session" + session));
      }
      long before = usedBytes();
      final long started = System.nanoTime();
      final long cpuBefore = cpuNanos();
      long textBytes = 0;
      for (int session = 0; session < sessions; session++) {
        List<Binding> bindings = bindings(session);
        for (Binding binding : bindings) {
          textBytes += binding.key().bytes().length;
        }
        Attachment port = ports.get(session);
        client.ask((Completion<Integer> done) -> port.bind(bindings, done));
      }
      long wallMs = (System.nanoTime() - started) / 1_000_000;
      long cpuMs = (cpuNanos() - cpuBefore) / 1_000_000;
      long heapBytes = usedBytes() - before;
      if (broker.sessions().stream().anyMatch(s -> s.subscriptions() != BATCH)) {
        throw new IllegalStateException("a subscription is missing");
      }
      return new Cost(sessions * BATCH, heapBytes, textBytes, wallMs, cpuMs);
    }
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private Attachment declare(String session) {
    Attachment port = client.attach(session);
    var queue = SessionQueue.of(session, (message, attachments, count) -> Verdict.DROP);
    var declaration = new QueueDeclaration(queueOf(session), false, false, true, Map.of(), queue);
    client.ask((Completion<QueueInfo> done) -> port.declareQueue(declaration, done));
    return port;
  }

  private static String queueOf(String session) {
    return "mqtt." + session;
  }

  private List<Binding> bindings(int session) {
    String queue = queueOf("session" + session);
    int devices = BATCH / filters.subscriptions();
    var bindings = new ArrayList<Binding>();
    for (int device = session * devices; device < (session + 1) * devices; device++) {
      for (String filter : Subscribers.filters(filters, device)) {
        RoutingKey key = RoutingKey.ofTopic(filter);
        bindings.add(
            new Binding("amq.topic", Binding.Target.QUEUE, queue, key, Map.of(), (Integer) 1));
      }
    }
    return bindings;
  }

  private static long usedBytes() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    return memory.getHeapMemoryUsage().getUsed();
  }
}
