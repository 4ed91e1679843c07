package io.carrick.benchmarks.journal;

import io.carrick.Broker;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.journal.Journal;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The broker that a load program starts in its own JVM. Confined to the program's thread. */
final class OwnBroker {

  @Option(names = "--directory", description = "Where the journal is; in memory without one.")
  private @Nullable Path directory;

  @Option(names = "--sync", description = "FSYNC, OS or NONE.")
  private Journal.Sync sync = Journal.Sync.FSYNC;

  private Port port = new Port();

  /** Returns whether anything outlives it. */
  boolean outlived() {
    return directory != null;
  }

  /** Returns the port of the one that was started last. */
  Port port() {
    return port;
  }

  /** Starts one, and prints how long that takes. */
  Broker start() {
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
}
