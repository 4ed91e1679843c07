package io.carrick.journal;

import io.carrick.journal.FileSystem.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Some bytes of a file, for reads at rising offsets: the more of them are of use, the more are read
 * ahead. Confined to one thread.
 */
final class FileWindow {

  /** For a file that is read for many queues. */
  static final int LARGE_BYTES = 256 << 10;

  /** For a file that is read for one of many. */
  static final int SMALL_BYTES = 32 << 10;

  private static final int FEWEST_BYTES = 4 << 10;

  private final String name;
  private final int most;
  private byte[] window = {};
  private long windowAt;
  private int windowBytes;
  private long bytesOfUse;

  FileWindow(String name, int most) {
    this.name = name;
    this.most = most;
  }

  /** Reads something from bytes that may turn out to be too few. */
  @FunctionalInterface
  interface Parser<T> {
    T parse(Input in);
  }

  /** Reads what is at an offset, however long it is. */
  <T> T read(StoredFile file, long offset, Parser<T> parser) throws IOException {
    boolean all = isBehind(offset) && load(file, offset, ahead());
    for (int more = most; ; more *= 4) {
      try {
        var in = new Input(window, (int) (offset - windowAt), windowBytes);
        T read = parser.parse(in);
        bytesOfUse += windowAt + in.at() - offset;
        return read;
      } catch (Input.MalformedException | IllegalArgumentException e) {
        if (all || more > Integer.MAX_VALUE / 4) {
          throw new DamagedException(name, offset, String.valueOf(e.getMessage()));
        }
      }
      all = load(file, offset, more);
    }
  }

  private boolean isBehind(long offset) {
    return offset < windowAt || offset >= windowAt + windowBytes;
  }

  /** Returns how many bytes to read, by how many of the last ones were of use. */
  private int ahead() {
    return bytesOfUse * 4 < windowBytes
        ? FEWEST_BYTES
        : Math.max(FEWEST_BYTES, Math.min(most, windowBytes * 2));
  }

  /** Loads bytes; returns whether there are no more in the file. */
  private boolean load(StoredFile file, long offset, int wanted) throws IOException {
    long left = file.size() - offset;
    int capacity = (int) Math.max(0, Math.min(wanted, left));
    if (window.length < capacity) {
      window = new byte[capacity];
    }
    windowAt = offset;
    windowBytes = file.readFully(ByteBuffer.wrap(window, 0, capacity), offset);
    bytesOfUse = 0;
    return windowBytes >= left;
  }
}
