package io.carrick.benchmarks.journal;

import io.carrick.Broker;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.QueueOptions;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.journal.Journal;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Fills durable queues of a broker far beyond its memory, and consumes them in order. */
@Command(
    name = "backlog",
    description =
        "Fill durable queues of a broker beyond its memory, start the broker again, consume.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class Backlog implements Callable<Integer> {

  @Option(names = "--messages", description = "How many.")
  private long messages = 50_000_000;

  @Option(names = "--queues", description = "How many queues they go to, in turn.")
  private int queues = 1;

  @Option(names = "--bytes", description = "Payload bytes of each, 8 or more.")
  private int bytes = 100;

  @Option(names = "--priorities", description = "Of a queue that has some, used in turn; 0: none.")
  private int priorities;

  @Option(names = "--outstanding", description = "How many are published and not yet confirmed.")
  private int outstanding = 5_000;

  @Option(names = "--directory", description = "Where the journal is; in memory without one.")
  private @Nullable Path directory;

  @Option(names = "--sync", description = "FSYNC, OS or NONE.")
  private Journal.Sync sync = Journal.Sync.FSYNC;

  @Option(names = "--no-fill", description = "Take what an earlier run has left.")
  private boolean alreadyFilled;

  @Option(names = "--no-consume", description = "Leave it there, after a start.")
  private boolean left;

  @Option(names = "--no-restart", description = "Consume without starting the broker again.")
  private boolean goOn;

  @Option(names = "--halt", description = "End after filling as a kill would, without closing.")
  private boolean halt;

  private Port port = new Port();

  @Override
  public Integer call() {
    Broker broker = start();
    if (priorities > 0 && queues > 1) {
      throw new IllegalArgumentException("--priorities is for one queue");
    }
    if (directory == null && (alreadyFilled || halt)) {
      throw new IllegalArgumentException("nothing outlives a broker without --directory");
    }
    if (!alreadyFilled) {
      var meter = new Meter();
      var filling =
          port.attach(
              loop -> new Filling(queues, arguments(), bytes, messages, outstanding),
              Filling::start);
      print("filled", filling.done().join(), meter);
      if (halt) {
        Runtime.getRuntime().halt(0);
      }
      if (!goOn && directory != null) {
        var closing = new Meter();
        broker.close();
        System.out.printf("closed in %.2f s%n", closing.seconds());
        broker = start();
      }
    }
    if (!left) {
      var meter = new Meter();
      var emptying =
          port.attach(
              loop -> new Emptying(queues, messages).byPriority(priorities), Emptying::start);
      print("consumed in order", emptying.done().join(), meter);
    }
    broker.close();
    return 0;
  }

  private Map<String, Object> arguments() {
    return priorities == 0 ? Map.of() : Map.of(QueueOptions.MAX_PRIORITY, priorities);
  }

  private Broker start() {
    var meter = new Meter();
    port = new Port();
    EmbeddedBroker.Builder builder = EmbeddedBroker.builder().adapter(port);
    if (directory == null) {
      long most = Runtime.getRuntime().maxMemory();
      builder.limits(Limits.defaults().with(Limit.MEMORY_BYTES, most / 10 * 9));
    } else {
      builder.store(Journal.in(directory).sync(sync));
    }
    Broker broker = builder.start();
    System.out.printf(
        "started in %.2f s, %.2f s of CPU%n", meter.seconds(), meter.cpuNanos() / 1e9);
    return broker;
  }

  private static void print(String what, long count, Meter meter) {
    double seconds = meter.seconds();
    double cpuNanos = meter.cpuNanos();
    System.gc();
    long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    System.out.printf(
        "%s: %,d messages in %.1f s, %,.0f a second, %.0f ns of CPU each,"
            + " heap in use %,d MB, limit %,d MB%n",
        what,
        count,
        seconds,
        count / seconds,
        cpuNanos / count,
        used >> 20,
        Runtime.getRuntime().maxMemory() >> 20);
  }
}
