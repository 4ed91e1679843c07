package io.carrick.benchmarks.journal;

import io.carrick.Message;
import io.carrick.journal.Journal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Confirmed messages a second with a number of them outstanding, each consumed promptly, beside a
 * loop that writes and syncs as many bytes and does nothing else.
 */
@Command(
    name = "confirm",
    description = "Confirmed messages a second, beside a bare loop of write and fdatasync.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class Confirming implements Callable<Integer> {

  private static final int SEGMENT_BYTES = 64 << 20;
  private static final int OVERHEAD_BYTES = 24;
  private static final String WRITTEN = "wchar: ";

  @Option(names = "--seconds", description = "How long each measurement takes.")
  private double seconds = 5;

  @Option(names = "--directory", required = true, description = "An empty directory.")
  private Path directory = Path.of(".");

  @Override
  public Integer call() throws IOException, InterruptedException {
    System.out.println("sync  outstanding  payload  confirmed/s  CPU ns each  bytes each  bare/s");
    for (int payload : new int[] {64, 1_024}) {
      for (int outstanding : new int[] {1, 200, 5_000}) {
        double bare = bare(outstanding, payload);
        for (Journal.Sync sync : Journal.Sync.values()) {
          measure(sync, outstanding, payload, bare);
        }
      }
    }
    return 0;
  }

  private void measure(Journal.Sync sync, int outstanding, int payload, double bare)
      throws IOException, InterruptedException {
    Path where = directory.resolve(sync + "-" + outstanding + "-" + payload);
    try (var loop = new OneLoop(Journal.in(where).sync(sync))) {
      run(loop, outstanding, payload, seconds / 2);
      long written = written();
      var meter = new Meter();
      long count = run(loop, outstanding, payload, seconds);
      System.out.printf(
          "%-5s %11d %8d %,12.0f %12.0f %11.1f %,8.0f%n",
          sync,
          outstanding,
          payload,
          count / meter.seconds(),
          meter.cpuNanos() / count,
          (double) (written() - written) / count,
          sync == Journal.Sync.FSYNC ? bare : Double.NaN);
    }
    delete(where);
  }

  /** Publishes, and settles what was confirmed. */
  private static long run(OneLoop loop, int outstanding, int payload, double seconds)
      throws InterruptedException {
    Message message = OneLoop.message(payload);
    var meter = new Meter();
    var unconfirmed = new ArrayDeque<Long>();
    long confirmed = 0;
    while (meter.seconds() < seconds) {
      while (unconfirmed.size() < outstanding) {
        unconfirmed.add(loop.append(message));
      }
      loop.appender.submit();
      loop.awaitDurable(unconfirmed.element());
      long durable = loop.store.durableSequence();
      while (!unconfirmed.isEmpty() && unconfirmed.element() <= durable) {
        loop.appender.settle(OneLoop.QUEUE, unconfirmed.remove());
        confirmed++;
      }
    }
    loop.awaitDurable(loop.appender.submit());
    return confirmed;
  }

  /** Writes batches of as many bytes to a zeroed file and syncs each. */
  private double bare(int outstanding, int payload) throws IOException {
    Files.createDirectories(directory);
    Path path = directory.resolve("bare");
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.allocateDirect(SEGMENT_BYTES), 0);
      file.force(true);
      ByteBuffer batch = ByteBuffer.allocateDirect(outstanding * (payload + OVERHEAD_BYTES));
      long at = 0;
      long count = 0;
      var meter = new Meter();
      while (meter.seconds() < seconds) {
        if (at + batch.capacity() > SEGMENT_BYTES) {
          at = 0;
        }
        at += file.write(batch.clear(), at);
        file.force(false);
        count += outstanding;
      }
      return count / meter.seconds();
    } finally {
      Files.delete(path);
    }
  }

  /** Returns the bytes that this process has written to files, where the system counts them. */
  private static long written() throws IOException {
    Path io = Path.of("/proc/self/io");
    if (!Files.isReadable(io)) {
      return 0;
    }
    return Files.readAllLines(io).stream()
        .filter(line -> line.startsWith(WRITTEN))
        .mapToLong(line -> Long.parseLong(line, WRITTEN.length(), line.length(), 10))
        .sum();
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
