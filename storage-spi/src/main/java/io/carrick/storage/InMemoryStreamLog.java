package io.carrick.storage;

import io.carrick.Message;
import java.util.ArrayList;
import java.util.List;

/** A stream that is in memory only. Confined to the stream's loop. */
final class InMemoryStreamLog implements StreamLog {

  private static final int BLOCK = 1_024;

  private final ArrayList<Kept> segments = new ArrayList<>(1);
  private long next;
  private boolean starts = true;

  /** One segment: blocks of references, so that a long one never moves. Confined to the loop. */
  private static final class Kept {

    final long first;
    private final ArrayList<Message[]> blocks = new ArrayList<>(1);
    private int count;

    Kept(long first) {
      this.first = first;
    }

    void add(Message message) {
      int at = count % BLOCK;
      if (at == 0) {
        blocks.add(new Message[BLOCK]);
      }
      blocks.get(blocks.size() - 1)[at] = message;
      count++;
    }

    Message at(long offset) {
      int index = (int) (offset - first);
      return blocks.get(index / BLOCK)[index % BLOCK];
    }

    long end() {
      return first + count;
    }
  }

  @Override
  public List<Segment> segments() {
    return List.of();
  }

  @Override
  public void add(long sequence, Message message) {
    if (starts) {
      starts = false;
      segments.add(new Kept(next));
    }
    segments.get(segments.size() - 1).add(message);
    next++;
  }

  @Override
  public void startSegment() {
    starts = true;
  }

  @Override
  public void flush() {}

  @Override
  public void dropBefore(long offset) {
    segments.removeIf(s -> s.end() <= offset);
  }

  @Override
  public void read(long from, long maxBytes, Reader reader) {
    Kept segment = segmentOf(from);
    var messages = new ArrayList<Message>();
    long first = segment == null ? from : Math.max(from, segment.first);
    if (segment != null) {
      long bytes = 0;
      for (long at = first; at < segment.end() && (at == first || bytes < maxBytes); at++) {
        Message message = segment.at(at);
        bytes += message.payload().length + EACH_BYTES;
        messages.add(message);
      }
    }
    reader.read(first, messages);
  }

  /** Returns the first segment that has the offset or a later one, or null. */
  private @org.jspecify.annotations.Nullable Kept segmentOf(long offset) {
    int low = 0;
    int high = segments.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (segments.get(middle).end() <= offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low < segments.size() ? segments.get(low) : null;
  }

  @Override
  public void close() {
    segments.clear();
  }
}
