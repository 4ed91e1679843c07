package io.carrick.journal;

import io.carrick.journal.FileSystem.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What every file of a journal starts with. Immutable.
 *
 * @param kind what the file is
 * @param journalId tells journals apart
 * @param number of the file: segments count up, an image has that of the first segment behind it,
 *     files of queues, their own and shared ones, count up together
 * @param extra a segment: where the one before ends; a file of a queue or stream: its id
 */
record FileHeader(Kind kind, long journalId, long number, long extra) {

  static final int BYTES = 64;

  /**
   * The newest version that this code can read, and what it writes. In 1 no file was shared by
   * queues, in 2 there were no streams; everything in them is as it was.
   */
  static final int VERSION = 3;

  private static final int CHECKED_BYTES = 60;

  /** What a file is. Its text is at the start of the file. */
  enum Kind {
    /** A segment of the write-ahead log. */
    WAL("CARRICKW"),
    /** What was live in the segments before. */
    IMAGE("CARRICKI"),
    /** Messages of one queue that are out of memory. */
    COLD("CARRICKC"),
    /** Messages that several queues have out of memory. */
    SHARED("CARRICKS"),
    /** Messages of one stream. */
    STREAM("CARRICKT"),
    /** Nothing but the header: which journal this is. */
    IDENTITY("CARRICKJ");

    private final long magic;

    Kind(String text) {
      magic = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)).getLong();
    }
  }

  /** Returns what makes blocks of this file valid in no other, and not in its next life either. */
  long epoch() {
    long h = Block.mix(journalId ^ kind.magic);
    h = Block.mix(h ^ number);
    return kind == Kind.COLD ? Block.mix(h ^ extra) : h;
  }

  ByteBuffer toBytes() {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    bytes.putLong(kind.magic).putInt(VERSION).putInt(0);
    bytes.putLong(journalId).putLong(number).putLong(extra);
    bytes.putInt(CHECKED_BYTES, crc(bytes.array()));
    return bytes.clear();
  }

  private static int crc(byte[] bytes) {
    var crc = new CRC32C();
    crc.update(bytes, 0, CHECKED_BYTES);
    return (int) crc.getValue();
  }

  /**
   * Reads the header of a file.
   *
   * @return null if it has none, or that of another kind
   * @throws IOException if a later version wrote it
   */
  static @Nullable FileHeader read(StoredFile file, String name, Kind kind) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    if (file.readFully(bytes, 0) < BYTES || bytes.getInt(CHECKED_BYTES) != crc(bytes.array())) {
      return null;
    }
    bytes.flip();
    if (bytes.getLong() != kind.magic) {
      return null;
    }
    int version = bytes.getInt();
    if (version > VERSION) {
      throw new IOException(
          name
              + " has format version "
              + version
              + "; this Carrick reads versions up to "
              + VERSION
              + " and leaves it alone");
    }
    bytes.getInt();
    return new FileHeader(kind, bytes.getLong(), bytes.getLong(), bytes.getLong());
  }
}
