package io.carrick.journal;

import io.carrick.journal.FileSystem.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Some bytes of a file, read ahead, for reads at rising offsets. Confined to one thread. */
final class FileWindow {

  private static final int BYTES = 256 << 10;
  private static final int FIRST_TRY_BYTES = 4 << 10;

  private final String name;
  private byte[] window = {};
  private long windowAt;
  private int windowBytes;

  FileWindow(String name) {
    this.name = name;
  }

  /** Reads something from bytes that may turn out to be too few. */
  @FunctionalInterface
  interface Parser<T> {
    T parse(Input in);
  }

  /** Reads what is at an offset, however long it is. */
  <T> T read(StoredFile file, long offset, Parser<T> parser) throws IOException {
    for (int wanted = FIRST_TRY_BYTES; ; wanted = Math.max(wanted * 4, BYTES)) {
      boolean all = load(file, offset, wanted);
      try {
        return parser.parse(new Input(window, (int) (offset - windowAt), windowBytes));
      } catch (Input.MalformedException | IllegalArgumentException e) {
        if (all || wanted > Integer.MAX_VALUE / 4) {
          throw new DamagedException(name, offset, String.valueOf(e.getMessage()));
        }
      }
    }
  }

  /** Loads bytes; returns whether there are no more in the file. */
  private boolean load(StoredFile file, long offset, int wanted) throws IOException {
    long size = file.size();
    if (offset < windowAt || Math.min(offset + wanted, size) > windowAt + windowBytes) {
      int capacity = (int) Math.max(0, Math.min(Math.max(wanted, BYTES), size - offset));
      if (window.length < capacity) {
        window = new byte[capacity];
      }
      windowAt = offset;
      windowBytes = file.readFully(ByteBuffer.wrap(window, 0, capacity), offset);
    }
    return windowAt + windowBytes >= size;
  }
}
