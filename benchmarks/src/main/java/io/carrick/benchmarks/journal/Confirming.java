package io.carrick.benchmarks.journal;

import io.carrick.Message;
import io.carrick.journal.Journal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
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

  private static final int ROUNDS = 5;
  private static final int MOST_WARM_UPS = 4;
  private static final String WRITTEN = "wchar: ";

  @Option(names = "--seconds", description = "How long each measurement takes.")
  private double seconds = 5;

  @Option(
      names = "--segment-mib",
      description = "Of one segment of the log; with small ones all are soon zeroed.")
  private int segmentMib = 64;

  @Option(names = "--directory", required = true, description = "An empty directory.")
  private Path directory = Path.of(".");

  @Override
  public Integer call() throws IOException, InterruptedException {
    Files.createDirectories(directory);
    System.out.println(
        "sync  outstanding  payload  confirmed/s CPU ns each bytes each   of zeros"
            + "  bare loop/s ratio");
    for (int payload : new int[] {64, 1_024}) {
      for (int outstanding : new int[] {1, 200, 5_000}) {
        for (Journal.Sync sync : Journal.Sync.values()) {
          measure(sync, outstanding, payload);
        }
      }
    }
    return 0;
  }

  /** Measures in rounds, in which the bare loop and the journal take turns, and shows medians. */
  private void measure(Journal.Sync sync, int outstanding, int payload)
      throws IOException, InterruptedException {
    Path where = directory.resolve(sync + "-" + outstanding + "-" + payload);
    boolean beside = sync == Journal.Sync.FSYNC;
    try (var loop = new OneLoop(Journal.in(where).sync(sync).segmentBytes(segmentMib << 20));
        var bare = new BareLoop(directory.resolve("bare"), outstanding, payload)) {
      warmUp(loop, outstanding, payload);
      var rates = new double[ROUNDS];
      var bareRates = new double[ROUNDS];
      var ratios = new double[ROUNDS];
      double cpu = 0;
      double written = 0;
      double zeroed = 0;
      long count = 0;
      for (int i = 0; i < ROUNDS; i++) {
        bareRates[i] = beside ? bare.run(seconds / ROUNDS) : Double.NaN;
        long writtenBefore = written();
        long storedBefore = loop.store.sizes().bytes();
        var meter = new Meter();
        long confirmed = run(loop, outstanding, payload, seconds / ROUNDS);
        rates[i] = confirmed / meter.seconds();
        ratios[i] = rates[i] / bareRates[i];
        cpu += meter.cpuNanos();
        written += written() - writtenBefore;
        zeroed += Math.max(0, loop.store.sizes().bytes() - storedBefore);
        count += confirmed;
      }
      System.out.printf(
          "%-5s %11d %8d %,12.0f %,11.0f %10.1f %11.1f%s%n",
          sync,
          outstanding,
          payload,
          median(rates),
          cpu / count,
          written / count,
          zeroed / count,
          beside ? " %,12.0f %5.2f".formatted(median(bareRates), median(ratios)) : "");
    }
    delete(where);
  }

  /** Runs until no more segments are zeroed, which are then used again and again. */
  private void warmUp(OneLoop loop, int outstanding, int payload) throws InterruptedException {
    long before = -1;
    for (int i = 0; i < MOST_WARM_UPS && before != loop.store.sizes().bytes(); i++) {
      before = loop.store.sizes().bytes();
      run(loop, outstanding, payload, seconds / 2);
    }
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
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

  static void delete(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
