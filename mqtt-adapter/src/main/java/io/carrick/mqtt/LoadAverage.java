package io.carrick.mqtt;

import java.util.Locale;
import java.util.function.BiConsumer;

/**
 * How fast something that is counted grows, for each minute: averaged over one, five and fifteen
 * minutes, older minutes counting for less and less. Confined to the loop that measures.
 */
final class LoadAverage {

  private static final double NANOS_PER_MINUTE = 60e9;
  private static final int[] MINUTES = {1, 5, 15};

  private final String topic;
  private final double[] averages = new double[MINUTES.length];
  private long before;

  LoadAverage(String topic) {
    this.topic = topic;
  }

  /** Takes the count as it is, that long after the last time, and names the averages. */
  void measured(long count, long elapsedNanos, BiConsumer<String, String> into) {
    double minutes = elapsedNanos / NANOS_PER_MINUTE;
    double rate = minutes > 0 ? (count - before) / minutes : 0;
    before = count;
    for (int i = 0; i < MINUTES.length; i++) {
      averages[i] = rate + Math.exp(-minutes / MINUTES[i]) * (averages[i] - rate);
      into.accept(
          topic + "/" + MINUTES[i] + "min", String.format(Locale.ROOT, "%.2f", averages[i]));
    }
  }
}
