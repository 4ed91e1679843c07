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
}
