package io.carrick.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Starts a program again and again and measures how long it takes to its first line on standard
 * output, which {@code carrick serve} prints when both its ports are open. Confined to the main
 * thread.
 */
@Command(
    name = "fresh-start",
    description = "Measures the time from the start of a process to its first line of output.",
    mixinStandardHelpOptions = true)
public final class FreshStart implements Callable<Integer> {

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "How often it is started, 10 by default.")
  private int runs = 10;

  @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "The program and its options.")
  private List<String> command = List.of();

  private FreshStart() {}

  /**
   * Measures and ends the process.
   *
   * @param args the command line
   */
  public static void main(String[] args) {
    System.exit(new CommandLine(new FreshStart()).setStopAtPositional(true).execute(args));
  }

  /** One start: wall time, and the time that the processors worked for it. */
  private record Start(long wallNanos, long cpuNanos) {}

  @Override
  public Integer call() throws IOException {
    var starts = new Start[runs];
    for (int i = 0; i < runs; i++) {
      starts[i] = once();
    }
    print("wall", Arrays.stream(starts).mapToLong(Start::wallNanos).sorted().toArray());
    print("CPU", Arrays.stream(starts).mapToLong(Start::cpuNanos).sorted().toArray());
    return 0;
  }

  private Start once() throws IOException {
    long before = System.nanoTime();
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (var output =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), Charset.defaultCharset()))) {
      String line = output.readLine();
      long wallNanos = System.nanoTime() - before;
      if (line == null) {
        throw new IOException(command + " has ended without a word");
      }
      Duration cpu = process.info().totalCpuDuration().orElse(Duration.ZERO);
      return new Start(wallNanos, cpu.toNanos());
    } finally {
      process.destroyForcibly().onExit().join();
    }
  }

  private static void print(String what, long[] sortedNanos) {
    System.out.printf(
        "%-4s ms: least %d, median %d, most %d%n",
        what,
        TimeUnit.NANOSECONDS.toMillis(sortedNanos[0]),
        TimeUnit.NANOSECONDS.toMillis(sortedNanos[sortedNanos.length / 2]),
        TimeUnit.NANOSECONDS.toMillis(sortedNanos[sortedNanos.length - 1]));
  }
}
