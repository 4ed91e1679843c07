package io.carrick.journal;

import io.carrick.journal.Input.MalformedException;
import org.jspecify.annotations.Nullable;

/** Reads the records of blocks, one after the other, and shows them. Confined to one thread. */
final class LogRecords {

  static final int APPEND = 1;
  static final int SETTLE = 2;
  static final int DROP = 3;
  static final int PUT = 4;
  static final int DELETE = 5;

  /** In an image of version 1: what a queue has in files of its own, none of which refers. */
  static final int QUEUE = 6;

  /** In an image: its end. */
  static final int END = 7;

  /** In an image: a file that queues share. */
  static final int SHARED_FILE = 8;

  /** In an image: what a queue has in files of its own, and which others these refer to. */
  static final int REFERRING_QUEUE = 9;

  /** In an image: what a stream has in files. */
  static final int STREAM = 10;

  /** At which offsets of a stream messages are that were appended to it. */
  static final int PLACES = 11;

  private long[] queueIds = new long[16];
  private long settleEnd;

  /** Takes records. What it does not care for it leaves. */
  interface Visitor {

    /** A message that was appended to the first {@code count} queues. */
    default void append(long sequence, long[] queueIds, int count, MessageBytes message) {}

    /** All of a queue from one sequence to another are settled. */
    default void settle(long queueId, long from, long to) {}

    /** A queue is forgotten. */
    default void drop(long sequence, long queueId) {}

    /** A definition was put, or deleted if there is no record. */
    default void definition(long sequence, String table, String key, byte @Nullable [] record) {}

    /** What a queue has in files of its own. */
    default void queue(LiveQueueRecord queue) {}

    /** What a stream has in files. */
    default void stream(StreamRecord stream) {}

    /** Messages in a row are in a stream, from an offset on. */
    default void places(long queueId, long offset, long sequence, long count) {}

    /** A file that queues share, which is safe up to its end. */
    default void sharedFile(long number, long end) {}

    /** The end of an image. */
    default void end(long lastSequence) {}
  }

  /**
   * Where a message is in the bytes of a block. Valid until the next record.
   *
   * @param bytes the block's
   * @param at where the head's length starts
   * @param end behind the payload
   * @param payloadLength bytes of the payload
   * @param recordAt where the record starts
   */
  record MessageBytes(byte[] bytes, int at, int end, int payloadLength, int recordAt) {}

  /**
   * Shows the records of a block.
   *
   * @throws MalformedException if they make no sense
   */
  void read(byte[] bytes, int from, int to, long base, Visitor visitor) {
    var in = new Input(bytes, from, to);
    long sequence = base;
    settleEnd = base;
    while (!in.atEnd()) {
      sequence = readOne(in, sequence, visitor);
    }
  }

  private long readOne(Input in, long before, Visitor visitor) {
    int recordAt = in.at();
    int type = in.octet();
    switch (type) {
      case APPEND -> {
        long sequence = before + in.number();
        append(in, recordAt, sequence, visitor);
        return sequence;
      }
      case SETTLE -> {
        long queueId = in.number();
        long from = settleEnd + in.difference();
        settleEnd = from + in.number();
        visitor.settle(queueId, from, settleEnd);
        return before;
      }
      case DROP -> {
        long sequence = before + in.number();
        visitor.drop(sequence, in.number());
        return sequence;
      }
      case PUT -> {
        long sequence = before + in.number();
        visitor.definition(sequence, in.text(), in.text(), in.bytes());
        return sequence;
      }
      case DELETE -> {
        long sequence = before + in.number();
        visitor.definition(sequence, in.text(), in.text(), null);
        return sequence;
      }
      case QUEUE -> {
        visitor.queue(LiveQueueRecord.read(in, false));
        return before;
      }
      case REFERRING_QUEUE -> {
        visitor.queue(LiveQueueRecord.read(in, true));
        return before;
      }
      case SHARED_FILE -> {
        visitor.sharedFile(in.number(), in.number());
        return before;
      }
      case STREAM -> {
        visitor.stream(StreamRecord.read(in));
        return before;
      }
      case PLACES -> {
        visitor.places(in.number(), in.number(), in.number(), in.number());
        return before;
      }
      case END -> {
        visitor.end(in.number());
        return before;
      }
      default -> throw new MalformedException("a record of unknown type " + type);
    }
  }

  private void append(Input in, int recordAt, long sequence, Visitor visitor) {
    int count = readQueueIds(in);
    int at = in.at();
    in.skipBytes();
    int payload = in.skipBytes();
    visitor.append(
        sequence, queueIds, count, new MessageBytes(in.array(), at, in.at(), payload, recordAt));
  }

  private int readQueueIds(Input in) {
    int count = in.count();
    if (count > queueIds.length) {
      queueIds = new long[Math.max(count, queueIds.length * 2)];
    }
    for (int i = 0; i < count; i++) {
      queueIds[i] = in.number();
    }
    return count;
  }

  /** Positions behind sequence and queues of an APPEND record. */
  static void skipToMessage(Input in) {
    if (in.octet() != APPEND) {
      throw new MalformedException("no message where one was");
    }
    in.number();
    int count = in.count();
    for (int i = 0; i < count; i++) {
      in.number();
    }
  }
}
