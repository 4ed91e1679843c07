package io.carrick.journal;

import io.carrick.Message;
import io.carrick.storage.Appender;
import io.carrick.storage.MessageCodec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes what one loop wants stored into blocks. Confined to that loop, except {@link
 * #openFloor()}.
 */
final class JournalAppender implements Appender {

  /** No batch is open. */
  private static final long NOTHING_OPEN = Long.MAX_VALUE;

  /** A block that has as many bytes is closed, unless a record set is open. */
  private static final int BLOCK_BYTES = 64 << 10;

  private static final int FIRST_BYTES = 512;

  private final Durability durability;
  private final MessageCodec codec;
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
  private int setDepth;

  // the open block of it
  private @Nullable Output out;
  private long base;
  private long previous;
  private int usualBytes = FIRST_BYTES;

  // the open run of settled sequences in it
  private long settledQueue;
  private long settledFrom;
  private long settledTo;
  private boolean settling;
  private long settledBefore;

  private long last;

  JournalAppender(Durability durability, MessageCodec codec, Intake intake) {
    this.durability = durability;
    this.codec = codec;
    this.intake = intake;
  }

  /** Returns the lowest sequence that may be in the open batch. */
  long openFloor() {
    return openFloor;
  }

  private Output record() {
    Output open = out;
    if (open != null) {
      return open;
    }
    openBatch();
    open = Block.start(usualBytes);
    base = durability.last();
    previous = base;
    settledBefore = base;
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
    Output open = record();
    endSettling(open);
    open.octet(type);
    return open;
  }

  private long sequence(Output open) {
    long sequence = durability.next();
    open.number(sequence - previous);
    previous = sequence;
    lastInBatch = sequence;
    last = sequence;
    force = true;
    return sequence;
  }

  @Override
  public long append(Message message, long[] queueIds, int count) {
    byte[] head = codec.head(message);
    Output open = record(LogRecords.APPEND);
    long sequence = sequence(open);
    open.number(count);
    for (int i = 0; i < count; i++) {
      open.number(queueIds[i]);
    }
    open.bytes(head);
    open.bytes(message.payload());
    ended(open);
    return sequence;
  }

  @Override
  public long settle(long queueId, long sequence) {
    Output open = record();
    if (settling && settledQueue == queueId && sequence == settledTo + 1) {
      settledTo = sequence;
    } else {
      endSettling(open);
      settling = true;
      settledQueue = queueId;
      settledFrom = sequence;
      settledTo = sequence;
      ended(open);
    }
    if (lastInBatch < floor) {
      lastInBatch = durability.next();
      last = lastInBatch;
    }
    return lastInBatch;
  }

  private void endSettling(Output open) {
    if (settling) {
      settling = false;
      open.octet(LogRecords.SETTLE);
      open.number(settledQueue);
      open.difference(settledFrom - settledBefore);
      open.number(settledTo - settledFrom);
      settledBefore = settledTo;
    }
  }

  @Override
  public long drop(long queueId) {
    Output open = record(LogRecords.DROP);
    long sequence = sequence(open);
    open.number(queueId);
    ended(open);
    return sequence;
  }

  @Override
  public long put(String table, String key, byte[] record) {
    Output open = record(LogRecords.PUT);
    long sequence = sequence(open);
    open.text(table);
    open.text(key);
    open.bytes(record);
    ended(open);
    return sequence;
  }

  @Override
  public long delete(String table, String key) {
    Output open = record(LogRecords.DELETE);
    long sequence = sequence(open);
    open.text(table);
    open.text(key);
    ended(open);
    return sequence;
  }

  @Override
  public void begin() {
    setDepth++;
  }

  @Override
  public void end() {
    if (setDepth == 0) {
      throw new IllegalStateException("no record set is open");
    }
    setDepth--;
    Output open = out;
    if (open != null) {
      ended(open);
    }
  }

  private void ended(Output open) {
    if (open.length() >= BLOCK_BYTES && setDepth == 0) {
      closeBlock(open);
    }
  }

  private void closeBlock(Output open) {
    endSettling(open);
    blocks.add(Block.of(open, base));
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
    Output open = out;
    if (open != null) {
      closeBlock(open);
      usualBytes = Math.min(BLOCK_BYTES, open.length() + open.length() / 4);
    }
    long bytes = 0;
    for (Block block : blocks) {
      bytes += block.length();
    }
    var batch = new Batch(blocks, bytes, floor, force);
    blocks = new ArrayList<>(1);
    force = false;
    durability.underWay(bytes);
    intake.submit(batch);
    // Only now: who computes what is safe looks here first and at what was submitted after it.
    openFloor = NOTHING_OPEN;
    intake.closed();
    return last;
  }
}
