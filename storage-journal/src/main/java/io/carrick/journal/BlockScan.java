package io.carrick.journal;

import io.carrick.journal.FileSystem.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the blocks of a file, one after the other, and tells a tail that was never safe from bytes
 * that have changed since. Confined to one thread.
 */
final class BlockScan {

  private static final int WINDOW_BYTES = 1 << 20;

  /** For files of queues, of which many are read at a time. */
  static final int SMALL_WINDOW_BYTES = 16 << 10;

  /** For a file of which nobody has noted where it ends: the last segment. */
  static final long END_UNKNOWN = -1;

  private final StoredFile file;
  private final String name;
  private final long epoch;
  private final Damage damage;

  private int ahead = WINDOW_BYTES;
  private byte[] window = {};
  private long windowAt;
  private int windowBytes;

  private long knownEnd;
  private long next = FileHeader.BYTES;
  private long offset;
  private int length;
  private long base;
  private boolean torn;
  private boolean blocksBehind;

  /** What happens to damaged bytes. */
  @FunctionalInterface
  interface Damage {

    /** For whoever takes damage as an error. */
    Damage REFUSED =
        (file, from, to, what) -> {
          throw new DamagedException(file, from, what);
        };

    /**
     * Bytes have changed.
     *
     * @param to where something readable follows
     * @throws IOException unless they are to be passed over
     */
    void found(String file, long from, long to, String what) throws IOException;
  }

  /**
   * Starts behind the file's header.
   *
   * @param end where the file ends, or {@link #END_UNKNOWN}
   */
  BlockScan(StoredFile file, String name, FileHeader header, long end, Damage damage) {
    this.file = file;
    this.name = name;
    this.epoch = header.epoch();
    this.knownEnd = end;
    this.damage = damage;
  }

  /** Reads no more ahead than this, but for blocks that are longer. */
  BlockScan ahead(int bytes) {
    ahead = bytes;
    return this;
  }

  /** Returns the buffer of the current block, valid until the next one. */
  byte[] bytes() {
    return window;
  }

  /** Returns where in the buffer the records start. */
  int from() {
    return (int) (offset - windowAt) + Block.HEADER_BYTES;
  }

  /** Returns where in the buffer the records end. */
  int to() {
    return from() + length;
  }

  /** Returns what sequences of this block count from. */
  long base() {
    return base;
  }

  /** Returns where the buffer starts in the file. */
  long bufferAt() {
    return windowAt;
  }

  /** Returns where this block starts in the file. */
  long offset() {
    return offset;
  }

  /** Returns where the next block starts, or all ends. */
  long end() {
    return next;
  }

  /** Returns whether the tail was cut at {@link #end()}. */
  boolean torn() {
    return torn;
  }

  /** Goes to the next block; returns false at the end. */
  boolean next() throws IOException {
    while (knownEnd == END_UNKNOWN || next < knownEnd) {
      String problem = tryBlock();
      if (problem == null) {
        return true;
      }
      if (knownEnd == END_UNKNOWN && !wasSafe()) {
        torn = blocksBehind || problem.equals(WRONG_SUM);
        return false;
      }
      long resumed = resync();
      damage.found(name, next, resumed, problem);
      next = resumed;
    }
    return false;
  }

  private static final String NO_HEADER = "no block starts here";
  private static final String WRONG_SUM = "the checksum is wrong";

  private @Nullable String tryBlock() throws IOException {
    if (load(next, Block.HEADER_BYTES) < Block.HEADER_BYTES) {
      return NO_HEADER;
    }
    Block.Header header =
        Block.header(ByteBuffer.wrap(window), (int) (next - windowAt), epoch, next);
    if (header == null) {
      return NO_HEADER;
    }
    int whole = Block.HEADER_BYTES + header.length();
    if (load(next, whole) < whole
        || !header.matches(window, (int) (next - windowAt) + Block.HEADER_BYTES)) {
      return WRONG_SUM;
    }
    offset = next;
    length = header.length();
    base = header.base();
    next += whole;
    return null;
  }

  /**
   * Fills the window so that it has bytes from an offset on; returns how many it has from there.
   */
  private int load(long from, int wanted) throws IOException {
    if (from >= windowAt && from + wanted <= windowAt + windowBytes) {
      return (int) (windowAt + windowBytes - from);
    }
    long size = file.size();
    if (from >= size) {
      return 0;
    }
    int capacity = (int) Math.min(Math.max(wanted, ahead), size - from);
    byte[] target = window.length < capacity ? new byte[capacity] : window;
    int kept = 0;
    if (from >= windowAt && from < windowAt + windowBytes) {
      kept = (int) Math.min(capacity, windowAt + windowBytes - from);
      System.arraycopy(window, (int) (from - windowAt), target, 0, kept);
    }
    window = target;
    windowAt = from;
    ByteBuffer into = ByteBuffer.wrap(window, kept, capacity - kept);
    windowBytes = kept + file.readFully(into, from + kept);
    return windowBytes;
  }

  /**
   * Returns whether any later block says that the bytes at {@link #next} had been safe. The first
   * one may not: those of one batch are made safe together.
   */
  private boolean wasSafe() throws IOException {
    blocksBehind = false;
    long from = next + 1;
    for (Block.Header header = find(from); header != null; header = find(from)) {
      blocksBehind = true;
      if (header.safeTo() > next && header.safeTo() <= foundAt) {
        return true;
      }
      from = foundAt + Block.HEADER_BYTES + header.length();
    }
    return false;
  }

  private long foundAt;

  /** Finds the first valid block at an offset or behind it. */
  private Block.@Nullable Header find(long from) throws IOException {
    long end = knownEnd == END_UNKNOWN ? file.size() : knownEnd;
    ByteBuffer bytes = ByteBuffer.allocate(0);
    long bytesAt = 0;
    for (long at = from; at + Block.HEADER_BYTES <= end; at++) {
      if (at + Block.HEADER_BYTES > bytesAt + bytes.limit()) {
        bytesAt = at;
        bytes = ByteBuffer.wrap(read(at, (int) Math.min(WINDOW_BYTES, end - at)));
        if (bytes.limit() < Block.HEADER_BYTES) {
          break;
        }
      }
      int index = (int) (at - bytesAt);
      long records = at + Block.HEADER_BYTES;
      int length = bytes.getInt(index);
      if (length <= 0 || length > end - records) {
        continue;
      }
      Block.Header header = Block.header(bytes, index, epoch, at);
      // In bytes by chance, one of four thousand million headers is valid.
      if (header != null && isThere(header, records)) {
        foundAt = at;
        return header;
      }
    }
    return null;
  }

  private boolean isThere(Block.Header header, long records) throws IOException {
    byte[] bytes = read(records, header.length());
    return bytes.length == header.length() && header.matches(bytes, 0);
  }

  private byte[] read(long at, int count) throws IOException {
    ByteBuffer into = ByteBuffer.allocate(count);
    int read = file.readFully(into, at);
    return read == count ? into.array() : Arrays.copyOf(into.array(), read);
  }

  private long resync() throws IOException {
    if (find(next + 1) != null) {
      return foundAt;
    }
    return knownEnd == END_UNKNOWN ? file.size() : knownEnd;
  }

  /** Reads one block with its header, by where it is; null if it is not there as it was written. */
  static byte @Nullable [] block(StoredFile file, FileHeader header, long offset)
      throws IOException {
    ByteBuffer start = ByteBuffer.allocate(Block.HEADER_BYTES);
    if (file.readFully(start, offset) < Block.HEADER_BYTES) {
      return null;
    }
    Block.Header there = Block.header(start, 0, header.epoch(), offset);
    long records = offset + Block.HEADER_BYTES;
    if (there == null || there.length() > file.size() - records) {
      return null;
    }
    byte[] bytes = Arrays.copyOf(start.array(), Block.HEADER_BYTES + there.length());
    ByteBuffer into = ByteBuffer.wrap(bytes, Block.HEADER_BYTES, there.length());
    return file.readFully(into, records) == there.length()
            && there.matches(bytes, Block.HEADER_BYTES)
        ? bytes
        : null;
  }

  /** Returns whether there is any block behind an offset. */
  boolean anyBlock() throws IOException {
    return find(next) != null;
  }

  /** Says where the file ends, for one that was scanned with its end unknown. */
  void endsAt(long end) {
    knownEnd = end;
  }
}
