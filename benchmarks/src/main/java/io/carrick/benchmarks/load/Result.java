package io.carrick.benchmarks.load;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;

/**
 * What one run, or several of the same kind, have measured. Immutable.
 *
 * @param broker the measured one's name
 * @param scenario what was run
 * @param rate messages received per second, each copy counted
 * @param cpuPerMillion CPU seconds of the broker per million of them, if its process is known
 * @param latency from when a message was to be sent until it came
 * @param tally what arrived, and what did not as it should
 */
record Result(
    String broker,
    Scenario scenario,
    double rate,
    OptionalDouble cpuPerMillion,
    Latency latency,
    Tally tally) {

  /** Percentiles in microseconds. Immutable. */
  record Latency(long p50, long p99, long p999, long max) {

    static Latency of(Histogram us) {
      return new Latency(
          us.getValueAtPercentile(50),
          us.getValueAtPercentile(99),
          us.getValueAtPercentile(99.9),
          us.getMaxValue());
    }
  }

  /**
   * What arrived from the first message to the last, warming up included. Immutable.
   *
   * @param received copies
   * @param lost copies that had not come when the run ended
   * @param duplicates copies that came again
   * @param reordered copies that came behind a later one of their publisher
   */
  record Tally(long received, long lost, long duplicates, long reordered) {}

  /** Returns the median of each figure, and all tallies together. */
  static Result median(List<Result> rounds) {
    Result first = rounds.get(0);
    boolean cpu = rounds.stream().allMatch(r -> r.cpuPerMillion.isPresent());
    return new Result(
        first.broker,
        first.scenario,
        median(rounds, Result::rate),
        cpu
            ? OptionalDouble.of(median(rounds, r -> r.cpuPerMillion.orElseThrow()))
            : OptionalDouble.empty(),
        new Latency(
            (long) median(rounds, r -> r.latency.p50),
            (long) median(rounds, r -> r.latency.p99),
            (long) median(rounds, r -> r.latency.p999),
            (long) median(rounds, r -> r.latency.max)),
        new Tally(
            sum(rounds, r -> r.tally.received),
            sum(rounds, r -> r.tally.lost),
            sum(rounds, r -> r.tally.duplicates),
            sum(rounds, r -> r.tally.reordered)));
  }

  static <T> double median(List<T> rounds, ToDoubleFunction<T> figure) {
    double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static long sum(List<Result> rounds, ToLongFunction<Result> figure) {
    return rounds.stream().mapToLong(figure).sum();
  }

  static String header() {
    return "%-12s %-20s %12s %9s %9s %9s %9s %6s %6s %6s"
        .formatted(
            "broker",
            "scenario",
            "msg/s",
            "CPU s/M",
            "p50 us",
            "p99 us",
            "p99.9 us",
            "lost",
            "dup",
            "order");
  }

  String row() {
    return String.format(
        Locale.ROOT,
        "%-12s %-20s %,12.0f %9s %,9d %,9d %,9d %6d %6d %6d",
        broker,
        scenario.name(),
        rate,
        cpuPerMillion.isPresent() ? twoDigits(cpuPerMillion.getAsDouble()) : "-",
        latency.p50,
        latency.p99,
        latency.p999,
        tally.lost,
        tally.duplicates,
        tally.reordered);
  }

  String json() {
    return String.format(
        Locale.ROOT,
        "{\"broker\":\"%s\",\"scenario\":\"%s\",\"rate\":%.1f,\"cpuPerMillion\":%s,"
            + "\"p50us\":%d,\"p99us\":%d,\"p999us\":%d,\"maxUs\":%d,"
            + "\"lost\":%d,\"duplicates\":%d,\"reordered\":%d}",
        broker,
        scenario.name(),
        rate,
        cpuPerMillion.isPresent() ? twoDigits(cpuPerMillion.getAsDouble()) : "null",
        latency.p50,
        latency.p99,
        latency.p999,
        latency.max,
        tally.lost,
        tally.duplicates,
        tally.reordered);
  }

  private static String twoDigits(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
