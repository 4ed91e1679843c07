package io.carrick.journal;

import io.carrick.Message;
import io.carrick.storage.Appender;
import io.carrick.storage.MessageCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Writes what one loop wants stored into blocks. Confined to that loop, except {@link
 * #openFloor()}.
 */
final class JournalAppender implements Appender {

  /** No batch is open. */
  private static final long NOTHING_OPEN = Long.MAX_VALUE;

  /** A block that has as many bytes takes no more records, unless a record set is open. */
  private static final int BLOCK_BYTES = 64 << 10;

  private static final int FIRST_BYTES = 512;

  private final Durability durability;
  private final MessageCodec codec;
  private final IntFunction<Output> buffers;
  private final Intake intake;

  private volatile long openFloor = NOTHING_OPEN;

  /** Takes batches. Called in the loop of the appender. */
  interface Intake {

    /** Takes a batch of which the sequences are still kept open. */
    void submit(Batch batch);

    /** The sequences of what was submitted are not kept open any more. */
    void closed();
  }

  // the open batch
  private List<Block> blocks = new ArrayList<>(1);
  private long floor;
  private long lastInBatch;
  private boolean force;

  // the open block of it
  private @Nullable Output out;
  private long base;
  private long previous;
  private int usualBytes = FIRST_BYTES;

  /** Up to where it has whole records: what is behind is of one that could not be completed. */
  private int whole;

  // the open run of settled sequences in it
  private long settledQueue;
  private long settledFrom;
  private long settledTo;
  private boolean settling;
  private long settledBefore;

  /** What goes behind all other records of the batch, so that its runs are long. */
  private final PlacedInBatch placed = new PlacedInBatch();

  // the open record set
  private int setDepth;
  private boolean setBegun;
  private boolean setBroken;

  private long last;

  JournalAppender(
      Durability durability, MessageCodec codec, IntFunction<Output> buffers, Intake intake) {
    this.durability = durability;
    this.codec = codec;
    this.buffers = buffers;
    this.intake = intake;
  }

  /** Returns the lowest sequence that may be in the open batch. */
  long openFloor() {
    return openFloor;
  }

  // Whatever is thrown while a record is written, the fields say what they said before: they change
  // once all of it is in the buffer, by assignments, which cannot fail. What it has left behind in
  // the buffer is cut off, and its sequence is nobody's.

  private Output open() {
    if (setBroken) {
      throw new IllegalStateException("this record set could not be begun");
    }
    Output open = out;
    if (open != null) {
      open.cut(whole);
      // Not behind the record that filled it: that one is told to be there.
      if (whole < BLOCK_BYTES || setDepth > 0) {
        return open;
      }
      closeBlock(open);
    }
    openBatch();
    open = buffers.apply(usualBytes);
    base = durability.last();
    previous = base;
    settledBefore = base;
    whole = Block.HEADER_BYTES;
    out = open;
    return open;
  }

  private void openBatch() {
    if (openFloor == NOTHING_OPEN) {
      floor = durability.last() + 1;
      openFloor = floor;
    }
  }

  private Output record(int type) {
    Output open = open();
    endSettling(open);
    open.octet(type);
    return open;
  }

  private long sequence(Output open) {
    long sequence = durability.next();
    open.number(sequence - previous);
    return sequence;
  }

  private long added(Output open, long sequence) {
    int length = open.length();
    whole = length;
    previous = sequence;
    lastInBatch = sequence;
    last = sequence;
    force = true;
    setBegun = true;
    return sequence;
  }

  /** A record could not be added: its set is there without it neither in part nor as a whole. */
  private void notAdded(Throwable cause) {
    if (setDepth > 0) {
      if (setBegun) {
        // What was added to it was told to be there.
        durability.fail("a record set cannot be completed", cause);
      } else {
        setBroken = true;
      }
    }
  }

  @Override
  public long append(Message message, long[] queueIds, int count) {
    try {
      byte[] head = codec.head(message);
      Output open = record(LogRecords.APPEND);
      long sequence = sequence(open);
      open.number(count);
      for (int i = 0; i < count; i++) {
        open.number(queueIds[i]);
      }
      open.bytes(head);
      open.bytes(message.payload());
      return added(open, sequence);
    } catch (RuntimeException | Error e) {
      notAdded(e);
      throw e;
    }
  }

  @Override
  public long settle(long queueId, long sequence) {
    try {
      Output open = open();
      boolean next = settling && settledQueue == queueId && sequence == settledTo + 1;
      if (!next) {
        endSettling(open);
      }
      long waitsFor = lastInBatch < floor ? durability.next() : lastInBatch;
      if (!next) {
        settledQueue = queueId;
        settledFrom = sequence;
        settling = true;
      }
      settledTo = sequence;
      if (waitsFor != lastInBatch) {
        lastInBatch = waitsFor;
        last = waitsFor;
      }
      setBegun = true;
      return waitsFor;
    } catch (RuntimeException | Error e) {
      notAdded(e);
      throw e;
    }
  }

  private void endSettling(Output open) {
    if (settling) {
      open.octet(LogRecords.SETTLE);
      open.number(settledQueue);
      open.difference(settledFrom - settledBefore);
      open.number(settledTo - settledFrom);
      int length = open.length();
      whole = length;
      settledBefore = settledTo;
      settling = false;
    }
  }

  @Override
  public long place(long queueId, long offset, long sequence) {
    try {
      open();
      long waitsFor = lastInBatch < floor ? durability.next() : lastInBatch;
      placed.add(queueId, offset, sequence);
      lastInBatch = waitsFor;
      last = Math.max(last, waitsFor);
      force = true; // whoever reads waits for it
      return waitsFor;
    } catch (RuntimeException | Error e) {
      notAdded(e);
      throw e;
    }
  }

  @Override
  public long drop(long queueId) {
    try {
      Output open = record(LogRecords.DROP);
      long sequence = sequence(open);
      open.number(queueId);
      return added(open, sequence);
    } catch (RuntimeException | Error e) {
      notAdded(e);
      throw e;
    }
  }

  @Override
  public long put(String table, String key, byte[] record) {
    try {
      Output open = record(LogRecords.PUT);
      long sequence = sequence(open);
      open.text(table);
      open.text(key);
      open.bytes(record);
      return added(open, sequence);
    } catch (RuntimeException | Error e) {
      notAdded(e);
      throw e;
    }
  }

  @Override
  public long delete(String table, String key) {
    try {
      Output open = record(LogRecords.DELETE);
      long sequence = sequence(open);
      open.text(table);
      open.text(key);
      return added(open, sequence);
    } catch (RuntimeException | Error e) {
      notAdded(e);
      throw e;
    }
  }

  @Override
  public void begin() {
    if (setDepth == 0) {
      setBegun = false;
      Output open = out;
      if (open != null && whole >= BLOCK_BYTES) {
        open.cut(whole);
        closeBlock(open);
      }
    }
    setDepth++;
  }

  @Override
  public void end() {
    if (setDepth == 0) {
      throw new IllegalStateException("no record set is open");
    }
    setDepth--;
    if (setDepth == 0) {
      setBroken = false;
    }
  }

  private void closeBlock(Output open) {
    endSettling(open);
    if (whole > Block.HEADER_BYTES) {
      blocks.add(Block.of(open, base));
    }
    out = null;
  }

  @Override
  public long submit() {
    if (setDepth != 0) {
      throw new IllegalStateException("a record set is open");
    }
    if (openFloor == NOTHING_OPEN) {
      return last;
    }
    try {
      handOver();
    } catch (RuntimeException | Error e) {
      // What others submit now may be about what is in it.
      durability.fail("a batch cannot be handed over", e);
      throw e;
    }
    return last;
  }

  private void handOver() {
    if (!placed.isEmpty()) {
      Output end = open();
      endSettling(end);
      placed.writeTo(end);
      whole = end.length();
    }
    Output open = out;
    if (open != null) {
      open.cut(whole);
      closeBlock(open);
      usualBytes = Math.min(BLOCK_BYTES, open.length() + open.length() / 4);
    }
    if (!blocks.isEmpty()) {
      long bytes = 0;
      for (Block block : blocks) {
        bytes += block.length();
      }
      var batch = new Batch(blocks, bytes, floor, force);
      blocks = new ArrayList<>(1);
      force = false;
      durability.underWay(bytes);
      intake.submit(batch);
    }
    // Only now: who computes what is safe looks here first and at what was submitted after it.
    openFloor = NOTHING_OPEN;
    intake.closed();
  }
}
