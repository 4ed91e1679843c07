package io.carrick.journal;

import io.carrick.journal.FileSystem.StoredFile;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Segments and images that messages of an earlier run are read from, by their place: which file,
 * and where in it. Confined to the keeper's thread, except what is static.
 */
final class LogFiles {

  private static final long IMAGE = 1L << 62;
  private static final long OFFSET_MASK = 0xFFFF_FFFFL;

  private final FileSystem files;
  private final Map<Long, Open> open = new HashMap<>();

  private record Open(StoredFile file, FileWindow window) {}

  LogFiles(FileSystem files) {
    this.files = files;
  }

  static long placeInWal(long segment, long offset) {
    return segment << Integer.SIZE | offset;
  }

  static long placeInImage(long image, long offset) {
    return IMAGE | image << Integer.SIZE | offset;
  }

  /** Reads what is at a place. */
  <T> T read(long place, FileWindow.Parser<T> parser) throws IOException {
    long key = place & ~OFFSET_MASK;
    Open there = open.get(key);
    if (there == null) {
      long number = (key & ~IMAGE) >>> Integer.SIZE;
      String name = (key & IMAGE) == 0 ? LogFileNames.wal(number) : LogFileNames.image(number);
      there = new Open(files.open(name), new FileWindow(name));
      open.put(key, there);
    }
    return there.window.read(there.file, place & OFFSET_MASK, parser);
  }

  /** Closes everything that is open. */
  void close() throws IOException {
    for (Open one : open.values()) {
      one.file.close();
    }
    open.clear();
  }
}
