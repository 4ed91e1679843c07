package io.carrick.storage;

import io.carrick.Message;
import java.util.List;

/**
 * The messages of one stream by their offsets: added at the end, read from anywhere and as often as
 * wanted, dropped from the front in whole segments. Confined to the stream's loop, which gives out
 * the offsets: the first message of a new stream has 0, and each has one more than the one before.
 *
 * <p>A message comes here when it has been {@linkplain Appender#append appended} and {@linkplain
 * Appender#place placed}. From its place on it is the appender's to make it durable; this is where
 * it is read.
 */
public interface StreamLog {

  /** What a message counts beside its payload where bytes are bounded. */
  int EACH_BYTES = 64;

  /**
   * Returns what an earlier run has left, the oldest first; asked before anything is added. Empty
   * for a new stream. What was added last and had not been written behind the log may be in the
   * last of them, whatever segment it was in.
   */
  List<Segment> segments();

  /**
   * Adds a message behind all others.
   *
   * @param sequence what {@link Appender#append} returned
   */
  void add(long sequence, Message message);

  /** Starts a new segment with the message that is added next. */
  void startSegment();

  /** Lets go of what was added in this turn; called at its end. */
  void flush();

  /**
   * Drops whole segments.
   *
   * @param offset which is the first of a segment that stays, as are all behind it; what is dropped
   *     may be there again after a crash
   */
  void dropBefore(long offset);

  /**
   * Reads messages from an offset on, at least one if there is any, and no further than a segment's
   * end.
   *
   * @param from if it is not there any more, reading begins with what is
   * @param maxBytes after which to stop: payloads, and {@link #EACH_BYTES} for each message
   * @param reader gets them in the stream's loop, perhaps before this returns
   */
  void read(long from, long maxBytes, Reader reader);

  /** Forgets everything; called once, last. */
  void close();

  /** Takes messages that were read. */
  @FunctionalInterface
  interface Reader {
    /**
     * Takes them.
     *
     * @param first the offset of the first, from which on they follow each other
     * @param messages nothing if nothing is there
     */
    void read(long first, List<Message> messages);
  }

  /**
   * Messages that are dropped together. Immutable.
   *
   * @param first offset
   * @param messages how many, at least one
   * @param bytes of their payloads
   * @param lastMs when the last of them {@linkplain Message#arrivedMs() arrived}; 0 if that is not
   *     known
   */
  record Segment(long first, long messages, long bytes, long lastMs) {

    /** Returns what it counts where bytes are bounded. */
    public long size() {
      return bytes + messages * EACH_BYTES;
    }

    /** Returns the offset behind it. */
    public long end() {
      return first + messages;
    }
  }
}
