package io.carrick.journal;

import io.carrick.journal.FileSystem.StoredFile;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Segments and images that messages of an earlier run are read from, by their place: which file,
 * and where in it. Confined to the compactor's thread, except what is static.
 */
final class LogFiles {

  // A place has one bit for images, the last bits of the file's number, and the offset: images may
  // have more bytes than an int can count, and numbers rise for ever.
  private static final long IMAGE = 1L << 62;
  private static final int OFFSET_BITS = 40;
  private static final long OFFSET_MASK = (1L << OFFSET_BITS) - 1;
  private static final long NUMBER_MASK = (1L << 22) - 1;

  private final FileSystem files;
  private final Map<Long, Open> open = new HashMap<>();
  private long near;

  private record Open(StoredFile file, FileWindow window) {}

  LogFiles(FileSystem files) {
    this.files = files;
  }

  /** Says which numbers files have at present, more or less. */
  void near(long number) {
    near = number;
  }

  static long placeInWal(long segment, long offset) {
    return (segment & NUMBER_MASK) << OFFSET_BITS | offset;
  }

  static long placeInImage(long image, long offset) {
    return IMAGE | placeInWal(image, offset);
  }

  /** Returns the name of the file in which a place is. */
  String name(long place) {
    long lastBits = place >>> OFFSET_BITS & NUMBER_MASK;
    int unused = Long.numberOfLeadingZeros(NUMBER_MASK);
    long number = near + ((lastBits - near) << unused >> unused);
    return (place & IMAGE) == 0 ? LogFileNames.wal(number) : LogFileNames.image(number);
  }

  /** Returns where in its file a place is. */
  static long offset(long place) {
    return place & OFFSET_MASK;
  }

  /** Reads what is at a place. */
  <T> T read(long place, FileWindow.Parser<T> parser) throws IOException {
    long file = place >>> OFFSET_BITS;
    Open there = open.get(file);
    if (there == null) {
      String name = name(place);
      there = new Open(files.open(name), new FileWindow(name, FileWindow.LARGE_BYTES));
      open.put(file, there);
    }
    return there.window.read(there.file, offset(place), parser);
  }

  /** Closes everything that is open. */
  void close() throws IOException {
    for (Open one : open.values()) {
      one.file.close();
    }
    open.clear();
  }
}
