package io.carrick.engine.stream;

import io.carrick.Message;
import io.carrick.storage.StreamLog;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Finds the offset from which on messages arrived at a time or later, by halves: a few reads of one
 * message each, however long the stream is. Confined to the stream's loop.
 */
final class TimeSearch {

  private final StreamLog log;
  private final long timeMs;
  private final LongConsumer found;
  private long low;
  private long high;

  /**
   * Makes a search.
   *
   * @param low the first offset that it may be
   * @param high the last one, behind all messages
   */
  TimeSearch(StreamLog log, long timeMs, long low, long high, LongConsumer found) {
    this.log = log;
    this.timeMs = timeMs;
    this.low = low;
    this.high = high;
    this.found = found;
  }

  void run() {
    if (low >= high) {
      found.accept(low);
    } else {
      log.read((low + high) >>> 1, 1, this::looked);
    }
  }

  private void looked(long first, List<Message> messages) {
    long middle = (low + high) >>> 1;
    if (messages.isEmpty() || messages.get(0).arrivedMs() >= timeMs) {
      high = middle;
    } else {
      low = Math.max(first, middle) + 1;
    }
    run();
  }
}
