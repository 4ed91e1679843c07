package io.carrick.journal;

import io.carrick.Message;
import io.carrick.journal.SharedFiles.Place;
import io.carrick.storage.MessageCodec;
import io.carrick.storage.StoredMessage;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Some messages of one queue, as the block that they become in a file of the queue's: as a whole,
 * or where they are in a file that queues share. Immutable, except for the header of its block.
 * Made and read in the compactor's thread.
 */
final class Chunk {

  private static final int STORED = 1;
  private static final int TAGGED = 2;
  private static final int SHARED = 4;

  /** It is in another block of shared files than the one before. */
  private static final int MOVED = 8;

  private static final int EACH_BYTES = 32;

  private final Block block;
  private final long[] sequences;
  private final Set<Long> shared;
  private final long durablePayloadBytes;

  private Chunk(Block block, long[] sequences, Set<Long> shared, long durablePayloadBytes) {
    this.block = block;
    this.sequences = sequences;
    this.shared = shared;
    this.durablePayloadBytes = durablePayloadBytes;
  }

  /** Knows what is in a file that queues share. */
  @FunctionalInterface
  interface Places {

    /** What no other queue has. */
    Places NONE = message -> null;

    /** Returns where a message is; null if it is to be written here. */
    @Nullable Place of(StoredMessage message) throws IOException;
  }

  /** Writes messages. */
  static Chunk of(List<StoredMessage> messages, MessageCodec codec, Places places)
      throws IOException {
    Output out = Block.start(EACH_BYTES * messages.size());
    long[] sequences = new long[messages.size()];
    var shared = new TreeSet<Long>();
    Place last = null;
    long before = 0;
    long durableBytes = 0;
    for (int i = 0; i < sequences.length; i++) {
      StoredMessage m = messages.get(i);
      long sequence = m.sequence();
      Object tag = m.tag();
      Place place = places.of(m);
      boolean moved =
          place != null
              && (last == null || last.block() != place.block() || last.file() != place.file());
      sequences[i] = sequence;
      out.octet(
          (sequence == 0 ? 0 : STORED)
              | (tag == null ? 0 : TAGGED)
              | (place == null ? 0 : SHARED)
              | (moved ? MOVED : 0));
      if (sequence != 0) {
        out.difference(sequence - before);
        before = sequence;
        durableBytes += m.message().payload().length;
      }
      if (tag != null) {
        out.bytes(codec.tag(tag));
      }
      if (place == null) {
        out.bytes(codec.head(m.message()));
        out.bytes(m.message().payload());
      } else {
        if (moved) {
          out.number(place.file());
          out.number(place.block());
          shared.add(place.file());
          last = place;
        }
        out.number(place.index());
      }
    }
    return new Chunk(Block.of(out, 0), sequences, shared, durableBytes);
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

  /** Returns the numbers of the shared files that it refers to. */
  Set<Long> shared() {
    return shared;
  }

  long durablePayloadBytes() {
    return durablePayloadBytes;
  }

  /**
   * What a chunk says of a message. Immutable.
   *
   * @param sequence 0 if it is not stored
   * @param tag null without one
   * @param message null if it is in a shared file
   * @param place where; null if the message is here
   */
  record Entry(
      long sequence, @Nullable Object tag, @Nullable Message message, @Nullable Place place) {

    /** Returns the message; null if it is damaged and that is to be passed over. */
    @Nullable StoredMessage read(SharedFiles files) throws IOException {
      Message there = place == null ? message : files.read(place);
      return there == null ? null : new StoredMessage(sequence, there, tag);
    }
  }

  /** Reads messages back, one after the other. Confined to one thread. */
  static final class Reader {

    private final Input in;
    private final MessageCodec codec;
    private long sequence;

    // where the last one was that is in a shared file
    private long file;
    private long block;

    /** Starts at a record. */
    Reader(Input in, MessageCodec codec) {
      this.in = in;
      this.codec = codec;
    }

    /** Says where the last message was that is in a shared file, for a start within a block. */
    Reader behind(long sharedFile, long sharedBlock) {
      file = sharedFile;
      block = sharedBlock;
      return this;
    }

    boolean atEnd() {
      return in.atEnd();
    }

    /** Returns where the next record starts. */
    int at() {
      return in.at();
    }

    /** Returns the file of the last message that is in a shared one, 0 if none was. */
    long sharedFile() {
      return file;
    }

    /** Returns the block of that message. */
    long sharedBlock() {
      return block;
    }

    Entry next() {
      int flags = in.octet();
      long there = sequence(flags);
      Object tag = (flags & TAGGED) == 0 ? null : codec.tag(in.bytes());
      if ((flags & SHARED) == 0) {
        byte[] head = in.bytes();
        return new Entry(there, tag, codec.message(head, in.bytes()), null);
      }
      int index = place(flags);
      return new Entry(there, tag, null, new Place(file, block, index));
    }

    /** Passes over the next message and returns its sequence, 0 if it is not stored. */
    long skip() {
      int flags = in.octet();
      long there = sequence(flags);
      if ((flags & TAGGED) != 0) {
        in.skipBytes();
      }
      if ((flags & SHARED) == 0) {
        in.skipBytes();
        in.skipBytes();
      } else {
        place(flags);
      }
      return there;
    }

    private long sequence(int flags) {
      if ((flags & STORED) == 0) {
        return 0;
      }
      sequence += in.difference();
      return sequence;
    }

    private int place(int flags) {
      if ((flags & MOVED) != 0) {
        file = in.number();
        block = in.number();
      }
      return (int) in.number();
    }
  }
}
