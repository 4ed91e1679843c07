package io.carrick.engine.stream;

import io.carrick.storage.StreamLog;
import io.carrick.storage.StreamLog.Segment;
import java.util.ArrayDeque;
import java.util.List;

/**
 * The segments of a stream, the oldest first: how large they are, when one is full, and which may
 * go. The last one, which is written to, never goes. Confined to the stream's loop.
 */
final class Segments {

  private StreamSettings settings;

  /** All but the last. */
  private final ArrayDeque<Closed> closed = new ArrayDeque<>(0);

  // the last one
  private long first;
  private long messages;
  private long bytes;
  private long memoryBytes;
  private long lastMs;

  // of all
  private long allBytes;
  private long allSize;

  /** One that nothing is added to any more. Immutable. */
  private record Closed(Segment segment, long memoryBytes) {}

  /**
   * Takes what there is.
   *
   * @param nowMs counts for what arrived at a time that is not known
   */
  Segments(StreamSettings settings, List<Segment> left, long nowMs) {
    this.settings = settings;
    for (Segment segment : left) {
      startNew();
      first = segment.first();
      messages = segment.messages();
      bytes = segment.bytes();
      lastMs = segment.lastMs() == 0 ? nowMs : segment.lastMs();
      allBytes += bytes;
      allSize += segment.size();
    }
  }

  /** Changes how much stays. */
  void settings(StreamSettings changed) {
    settings = changed;
  }

  /** Returns the offset of the first message that is there, or of the first that comes. */
  long first() {
    Closed oldest = closed.peekFirst();
    return oldest == null ? first : oldest.segment.first();
  }

  /** Returns the offset behind the last message. */
  long end() {
    return first + messages;
  }

  /** Returns the bytes of all payloads. */
  long bytes() {
    return allBytes;
  }

  /** Returns whether the last segment is full. */
  boolean full() {
    return messages > 0 && last().size() >= settings.segmentBytes();
  }

  private Segment last() {
    return new Segment(first, messages, bytes, lastMs);
  }

  /** Starts a new segment, unless nothing is in the last one. */
  void startNew() {
    if (messages > 0) {
      closed.addLast(new Closed(last(), memoryBytes));
      first += messages;
      messages = 0;
      bytes = 0;
      memoryBytes = 0;
    }
  }

  /**
   * A message has come.
   *
   * @param heldBytes what it holds in memory
   */
  void added(int payloadBytes, int heldBytes, long arrivedMs) {
    messages++;
    bytes += payloadBytes;
    memoryBytes += heldBytes;
    lastMs = Math.max(lastMs, arrivedMs);
    allBytes += payloadBytes;
    allSize += payloadBytes + StreamLog.EACH_BYTES;
  }

  /**
   * Drops what is too much or too old.
   *
   * @return what it held in memory
   */
  long trim(long nowMs) {
    long freed = 0;
    for (Closed oldest = closed.peekFirst();
        oldest != null && (allSize > settings.maxBytes() || endMs(oldest) <= nowMs);
        oldest = closed.peekFirst()) {
      closed.removeFirst();
      allBytes -= oldest.segment.bytes();
      allSize -= oldest.segment.size();
      freed += oldest.memoryBytes;
    }
    return freed;
  }

  /** Returns when the oldest segment is too old; {@link Long#MAX_VALUE} for never. */
  long nextEndMs() {
    Closed oldest = closed.peekFirst();
    return oldest == null ? Long.MAX_VALUE : endMs(oldest);
  }

  private long endMs(Closed one) {
    long age = settings.maxAgeMs();
    return age == StreamSettings.UNBOUNDED ? Long.MAX_VALUE : one.segment.lastMs() + age;
  }

  /** Returns what all of it holds in memory. */
  long memoryBytes() {
    long sum = memoryBytes;
    for (Closed one : closed) {
      sum += one.memoryBytes;
    }
    return sum;
  }
}
