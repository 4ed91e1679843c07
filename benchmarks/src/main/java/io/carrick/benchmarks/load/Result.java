package io.carrick.benchmarks.load;

import java.util.Locale;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;

/**
 * What a run has measured. Immutable.
 *
 * @param scenario what was run
 * @param seconds how long the measured part took
 * @param delivered messages received in it, each copy counted
 * @param latency of those, in microseconds, from when they were to be sent
 * @param cpuSeconds of the broker in it, if its process is known
 * @param lost copies that had not come when the run ended
 * @param duplicates copies that came again
 * @param reordered copies that came behind a later one of their publisher
 */
record Result(
    Scenario scenario,
    double seconds,
    long delivered,
    Histogram latency,
    OptionalDouble cpuSeconds,
    long lost,
    long duplicates,
    long reordered) {

  static String header() {
    return "%-16s %12s %10s %9s %9s %9s %6s %6s %6s"
        .formatted(
            "scenario", "msg/s", "CPU s/M", "p50 us", "p99 us", "p99.9 us", "lost", "dup", "order");
  }

  String row() {
    return String.format(
        Locale.ROOT,
        "%-16s %,12.0f %10s %,9d %,9d %,9d %6d %6d %6d",
        scenario.name(),
        rate(),
        cpuPerMillion().isPresent()
            ? String.format(Locale.ROOT, "%.2f", cpuPerMillion().getAsDouble())
            : "-",
        latency.getValueAtPercentile(50),
        latency.getValueAtPercentile(99),
        latency.getValueAtPercentile(99.9),
        lost,
        duplicates,
        reordered);
  }

  String json() {
    return String.format(
        Locale.ROOT,
        "{\"scenario\":\"%s\",\"seconds\":%.3f,\"delivered\":%d,\"rate\":%.1f,\"cpuPerMillion\":%s,"
            + "\"p50us\":%d,\"p99us\":%d,\"p999us\":%d,\"maxUs\":%d,"
            + "\"lost\":%d,\"duplicates\":%d,\"reordered\":%d}",
        scenario.name(),
        seconds,
        delivered,
        rate(),
        cpuPerMillion().isPresent()
            ? String.format(Locale.ROOT, "%.3f", cpuPerMillion().getAsDouble())
            : "null",
        latency.getValueAtPercentile(50),
        latency.getValueAtPercentile(99),
        latency.getValueAtPercentile(99.9),
        latency.getMaxValue(),
        lost,
        duplicates,
        reordered);
  }

  private double rate() {
    return delivered / seconds;
  }

  private OptionalDouble cpuPerMillion() {
    return cpuSeconds.isPresent() && delivered > 0
        ? OptionalDouble.of(cpuSeconds.getAsDouble() * 1_000_000 / delivered)
        : OptionalDouble.empty();
  }
}
