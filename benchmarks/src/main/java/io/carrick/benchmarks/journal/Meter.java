package io.carrick.benchmarks.journal;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** Time and processor time of this process since it was made. Immutable. */
final class Meter {

  private static final double NANOS_PER_SECOND = 1e9;

  private final OperatingSystemMXBean system =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private final long start = System.nanoTime();
  private final long cpuStart = system.getProcessCpuTime();

  double seconds() {
    return (System.nanoTime() - start) / NANOS_PER_SECOND;
  }

  double cpuNanos() {
    return system.getProcessCpuTime() - cpuStart;
  }

  /** Prints what so many messages have taken, and how much heap is in use behind them. */
  void print(String what, long count) {
    double seconds = seconds();
    double cpuNanos = cpuNanos();
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
