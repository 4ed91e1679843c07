package io.carrick.journal;

import io.carrick.storage.MessageCodec;
import io.carrick.storage.StoredMessage;
import java.util.List;

/**
 * Some messages of one queue, as the block that they become in a file of the queue's. Immutable,
 * except for the header of its block, which belongs to the keeper.
 */
final class Chunk {

  private static final int STORED = 1;
  private static final int TAGGED = 2;

  private final Block block;
  private final long[] sequences;
  private final long durablePayloadBytes;
  private final long highest;

  private Chunk(Block block, long[] sequences, long durablePayloadBytes, long highest) {
    this.block = block;
    this.sequences = sequences;
    this.durablePayloadBytes = durablePayloadBytes;
    this.highest = highest;
  }

  /**
   * Writes messages.
   *
   * @param expectedBytes about how many it will have
   */
  static Chunk of(List<StoredMessage> messages, MessageCodec codec, int expectedBytes) {
    Output out = Block.start(expectedBytes);
    long[] sequences = new long[messages.size()];
    long before = 0;
    long durableBytes = 0;
    long highest = 0;
    for (int i = 0; i < sequences.length; i++) {
      StoredMessage m = messages.get(i);
      long sequence = m.sequence();
      Object tag = m.tag();
      sequences[i] = sequence;
      out.octet((sequence == 0 ? 0 : STORED) | (tag == null ? 0 : TAGGED));
      if (sequence != 0) {
        out.difference(sequence - before);
        before = sequence;
        durableBytes += m.message().payload().length;
        highest = Math.max(highest, sequence);
      }
      if (tag != null) {
        out.bytes(codec.tag(tag));
      }
      out.bytes(codec.head(m.message()));
      out.bytes(m.message().payload());
    }
    return new Chunk(Block.of(out, 0), sequences, durableBytes, highest);
  }

  Block block() {
    return block;
  }

  int count() {
    return sequences.length;
  }

  /** Returns the sequence of a message, 0 if it is not stored. */
  long sequence(int index) {
    return sequences[index];
  }

  long durablePayloadBytes() {
    return durablePayloadBytes;
  }

  /** Returns the highest sequence in it. */
  long highest() {
    return highest;
  }

  /** Reads messages back, one after the other. Confined to one thread. */
  static final class Reader {

    private final Input in;
    private final MessageCodec codec;
    private long sequence;

    /**
     * Starts at a record.
     *
     * @param before the sequence of the last stored message before it, 0 at the start of a block
     */
    Reader(Input in, MessageCodec codec, long before) {
      this.in = in;
      this.codec = codec;
      this.sequence = before;
    }

    boolean atEnd() {
      return in.atEnd();
    }

    /** Returns where the next record starts. */
    int at() {
      return in.at();
    }

    /** Returns the sequence of the last stored message that was read or passed over. */
    long sequence() {
      return sequence;
    }

    StoredMessage next() {
      int flags = in.octet();
      boolean stored = (flags & STORED) != 0;
      if (stored) {
        sequence += in.difference();
      }
      Object tag = (flags & TAGGED) == 0 ? null : codec.tag(in.bytes());
      byte[] head = in.bytes();
      return new StoredMessage(stored ? sequence : 0, codec.message(head, in.bytes()), tag);
    }

    /** Passes over the next message and returns its sequence, 0 if it is not stored. */
    long skip() {
      int flags = in.octet();
      boolean stored = (flags & STORED) != 0;
      if (stored) {
        sequence += in.difference();
      }
      if ((flags & TAGGED) != 0) {
        in.skipBytes();
      }
      in.skipBytes();
      in.skipBytes();
      return stored ? sequence : 0;
    }
  }
}
