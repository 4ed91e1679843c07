package io.carrick.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** The clock of programs that measure a broker from outside. Thread-safe. */
final class Stopwatch {

  private static final Stopwatch OF_THIS_CLASS = new Stopwatch();

  /** In Linux's /proc/self/stat, counted from behind the command's name; in ticks since boot. */
  private static final int START_TIME_FIELD = 20;

  private static final long MS_PER_TICK = 10;
  private static final double MS_PER_SECOND = 1_000;

  private final long startedNanos = System.nanoTime();

  /** Returns nanoseconds since this stopwatch was made. */
  long nanos() {
    return System.nanoTime() - startedNanos;
  }

  Duration elapsed() {
    return Duration.ofNanos(nanos());
  }

  /**
   * Returns milliseconds since the process started, JVM and all; where the operating system does
   * not tell, since the JVM read its first class of ours.
   */
  static long msSinceProcessStart() {
    try {
      String stat = Files.readString(Path.of("/proc/self/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", START_TIME_FIELD + 1);
      String uptime = Files.readString(Path.of("/proc/uptime")).split(" ", 2)[0];
      long startedMs = Long.parseLong(fields[START_TIME_FIELD - 1]) * MS_PER_TICK;
      return (long) (Double.parseDouble(uptime) * MS_PER_SECOND) - startedMs;
    } catch (IOException elsewhere) {
      return OF_THIS_CLASS.elapsed().toMillis();
    }
  }
}
