package io.carrick.examples;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Messages of one kind: how many went, came, were acknowledged, and how long it took. */
final class Flow {

  static final String HEADING =
      String.format(
          "%-28s %9s %9s %13s %6s %6s %9s %9s",
          "", "sent", "received", "acknowledged", "twice", "lost", "p50 ms", "p99 ms");

  private static final int DIGITS = 3;
  private static final double MICROS_PER_MS = 1_000;

  private final String name;
  private final boolean acknowledgedBySomebody;

  // Thread-safe, all of them: sender, acknowledger and receiver are three threads.
  private final LongAdder sent = new LongAdder();
  private final LongAdder acknowledged = new LongAdder();
  private final LongAdder twice = new LongAdder();
  private final Map<Stamp, Boolean> arrived = new ConcurrentHashMap<>();
  private final Histogram latencyMicros = new ConcurrentHistogram(DIGITS);

  Flow(String name, boolean acknowledgedBySomebody) {
    this.name = name;
    this.acknowledgedBySomebody = acknowledgedBySomebody;
  }

  void countSent() {
    sent.increment();
  }

  void countAcknowledged() {
    acknowledged.increment();
  }

  /** Counts an arrival, once for each stamp. */
  void arrived(Stamp stamp, long nowNanos) {
    if (arrived.putIfAbsent(stamp, true) != null) {
      twice.increment();
      return;
    }
    latencyMicros.recordValue(TimeUnit.NANOSECONDS.toMicros(nowNanos - stamp.sentNanos()));
  }

  long sent() {
    return sent.sum();
  }

  long received() {
    return arrived.size();
  }

  long lost() {
    return sent() - received();
  }

  boolean complete() {
    return lost() == 0 && (!acknowledgedBySomebody || acknowledged.sum() == sent());
  }

  String line() {
    return String.format(
        "%-28s %,9d %,9d %13s %,6d %,6d %9.2f %9.2f",
        name,
        sent(),
        received(),
        acknowledgedBySomebody ? String.format("%,d", acknowledged.sum()) : "-",
        twice.sum(),
        lost(),
        latencyMicros.getValueAtPercentile(50) / MICROS_PER_MS,
        latencyMicros.getValueAtPercentile(99) / MICROS_PER_MS);
  }
}
