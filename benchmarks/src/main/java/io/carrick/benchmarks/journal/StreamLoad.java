package io.carrick.benchmarks.journal;

import io.carrick.Broker;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.StreamOffset;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.journal.Journal;
import io.carrick.spi.StreamRead;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Fills a stream of a broker, and reads all of it from the first offset. */
@Command(
    name = "stream",
    description = "Fill a stream of a broker, start the broker again, read from the first offset.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class StreamLoad implements Callable<Integer> {

  @Option(names = "--messages", description = "How many.")
  private long messages = 10_000_000;

  @Option(names = "--bytes", description = "Payload bytes of each, 8 or more.")
  private int bytes = 100;

  @Option(names = "--outstanding", description = "How many are published and not yet confirmed.")
  private int outstanding = 5_000;

  @Option(names = "--readers", description = "How many read at a time.")
  private int readers = 1;

  @Option(names = "--directory", description = "Where the journal is; in memory without one.")
  private @Nullable Path directory;

  @Option(names = "--sync", description = "FSYNC, OS or NONE.")
  private Journal.Sync sync = Journal.Sync.FSYNC;

  @Option(names = "--halt", description = "End after filling as a kill would, without closing.")
  private boolean halt;

  @Option(names = "--no-fill", description = "Take what an earlier run has left.")
  private boolean alreadyFilled;

  private Port port = new Port();

  @Override
  public Integer call() {
    Broker broker = start();
    if (!alreadyFilled) {
      var meter = new Meter();
      Map<String, Object> stream = Map.of("x-queue-type", "stream");
      Filling filling =
          port.attach(loop -> new Filling(1, stream, bytes, messages, outstanding), Filling::start);
      print("filled", filling.done().join(), meter);
      if (halt) {
        Runtime.getRuntime().halt(0);
      }
      if (directory != null) {
        broker.close();
        broker = start();
      }
    }
    var meter = new Meter();
    var all = new ArrayList<Emptying>();
    for (int i = 0; i < readers; i++) {
      var first = new StreamRead(StreamOffset.first(), null);
      all.add(port.attach(loop -> new Emptying(1, messages, first), Emptying::start));
    }
    long read = 0;
    for (Emptying reader : List.copyOf(all)) {
      read += reader.done().join();
    }
    print("read", read, meter);
    broker.close();
    return 0;
  }

  private Broker start() {
    var meter = new Meter();
    port = new Port();
    var builder = EmbeddedBroker.builder().adapter(port);
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
        "%s: %,d messages in %.1f s, %,.0f a second, %.0f ns of CPU each;"
            + " heap in use %,d MB, %.1f bytes for each, limit %,d MB%n",
        what,
        count,
        seconds,
        count / seconds,
        cpuNanos / count,
        used >> 20,
        (double) used / count,
        Runtime.getRuntime().maxMemory() >> 20);
  }
}
