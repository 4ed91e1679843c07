package io.carrick.storage;

import io.carrick.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executor;

/**
 * A stream on a {@link Disk}: read in a later turn, from bytes. Confined to a loop, except {@link
 * Boundaries}.
 */
final class DiskStream implements StreamLog {

  private final MessageCodec codec;
  private final Executor loop;
  private final Boundaries boundaries;
  private final TreeMap<Long, byte[][]> messages = new TreeMap<>();
  private boolean starts;

  /**
   * Where segments start, and what was dropped: as files are, at once and for good. Guarded by
   * itself.
   */
  static final class Boundaries {

    private final TreeSet<Long> starts = new TreeSet<>();
    private long first;
    private long reads;

    private synchronized void read() {
      reads++;
    }

    /** Returns how often somebody has read. */
    synchronized long reads() {
      return reads;
    }

    private synchronized void starts(long offset) {
      starts.add(offset);
    }

    /** Returns where the segment ends that an offset is in. */
    private synchronized long endBehind(long offset) {
      Long end = starts.higher(offset);
      return end == null ? Long.MAX_VALUE : end;
    }

    /** Drops segments that end at an offset or before it. */
    private synchronized long drop(long offset) {
      Long start = starts.floor(offset);
      first = Math.max(first, start == null ? 0 : start);
      return first;
    }

    private synchronized long first() {
      return first;
    }
  }

  DiskStream(MessageCodec codec, Executor loop, Boundaries boundaries) {
    this.codec = codec;
    this.loop = loop;
    this.boundaries = boundaries;
  }

  /**
   * Puts messages in order.
   *
   * @param appended by sequence
   * @param placed offsets of some of them, by sequence
   * @return the sequences by offset
   */
  static TreeMap<Long, Long> inOrder(Map<Long, ?> appended, Map<Long, Long> placed) {
    var byOffset = new TreeMap<Long, Long>();
    placed.forEach(
        (sequence, offset) -> {
          if (appended.containsKey(sequence)) {
            byOffset.put(offset, sequence);
          }
        });
    long offset = 0;
    for (long sequence : new TreeSet<>(appended.keySet())) {
      if (!placed.containsKey(sequence)) {
        while (byOffset.containsKey(offset)) {
          offset++;
        }
        byOffset.put(offset, sequence);
      }
    }
    return byOffset;
  }

  /** Adds what the disk has. */
  void recovered(long offset, byte[] head, byte[] payload) {
    if (offset >= boundaries.first()) {
      messages.put(offset, new byte[][] {head, payload});
    }
  }

  private Message message(byte[][] bytes) {
    return codec.message(bytes[0], bytes[1]);
  }

  @Override
  public List<Segment> segments() {
    var segments = new ArrayList<Segment>();
    long from = boundaries.first();
    while (!messages.tailMap(from).isEmpty()) {
      var part = messages.subMap(from, boundaries.endBehind(from));
      if (!part.isEmpty()) {
        long bytes = part.values().stream().mapToLong(m -> m[1].length).sum();
        long lastMs =
            message(java.util.Objects.requireNonNull(part.get(part.lastKey()))).arrivedMs();
        segments.add(new Segment(part.firstKey(), part.size(), bytes, lastMs));
      }
      from = boundaries.endBehind(from);
    }
    return segments;
  }

  private long next() {
    return messages.isEmpty() ? boundaries.first() : messages.lastKey() + 1;
  }

  @Override
  public void add(long sequence, Message message) {
    if (starts) {
      starts = false;
      boundaries.starts(next());
    }
    messages.put(next(), new byte[][] {codec.head(message), message.payload()});
  }

  @Override
  public void startSegment() {
    starts = true;
  }

  @Override
  public void flush() {}

  @Override
  public void dropBefore(long offset) {
    messages.headMap(boundaries.drop(offset)).clear();
  }

  @Override
  public void read(long from, long maxBytes, Reader reader) {
    boundaries.read();
    loop.execute(
        () -> {
          var read = new ArrayList<Message>();
          var rest = messages.tailMap(from);
          long first = rest.isEmpty() ? from : rest.firstKey();
          long bytes = 0;
          for (byte[][] each : rest.values()) {
            if (bytes >= maxBytes) {
              break;
            }
            bytes += each[1].length + EACH_BYTES;
            read.add(message(each));
          }
          reader.read(first, read);
        });
  }

  @Override
  public void close() {
    messages.clear();
  }
}
