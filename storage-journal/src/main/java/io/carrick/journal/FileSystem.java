package io.carrick.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** One directory of files, as the journal needs it: the port to the disk. Thread-safe. */
interface FileSystem {

  /** Returns the directory's name, for messages. */
  String name();

  /** Returns the names of the files in it, in no order. */
  List<String> list() throws IOException;

  /** Opens a file to read and write. */
  StoredFile open(String name) throws IOException;

  /** Makes an empty file, or empties the one that is there. */
  StoredFile create(String name) throws IOException;

  /** Renames a file; one that is there is replaced. */
  void rename(String from, String to) throws IOException;

  /** Deletes a file if it is there. */
  void delete(String name) throws IOException;

  /** Returns how many more bytes there is room for, as far as that can be told. */
  long usableBytes() throws IOException;

  /** Makes all names safe: what was created, renamed and deleted before. */
  void syncNames() throws IOException;

  /**
   * Keeps every other journal out until closed.
   *
   * @throws IOException if another one holds it
   */
  Closeable lock() throws IOException;

  /** One open file. Thread-safe. */
  interface StoredFile extends Closeable {

    /** Writes some bytes at an offset and returns how many. */
    int write(ByteBuffer from, long offset) throws IOException;

    /** Reads some bytes from an offset and returns how many, -1 at the end. */
    int read(ByteBuffer into, long offset) throws IOException;

    /** Makes safe what was written before. */
    void force() throws IOException;

    /** Returns the bytes in it. */
    long size() throws IOException;

    @Override
    void close() throws IOException;

    /** Writes all bytes at an offset. */
    default void writeFully(ByteBuffer from, long offset) throws IOException {
      long at = offset;
      while (from.hasRemaining()) {
        int written = write(from, at);
        if (written <= 0) {
          throw new IOException("nothing could be written");
        }
        at += written;
      }
    }

    /** Reads until the buffer is full or the file ends, and returns how many bytes. */
    default int readFully(ByteBuffer into, long offset) throws IOException {
      int start = into.position();
      while (into.hasRemaining()) {
        int read = read(into, offset + into.position() - start);
        if (read <= 0) {
          break;
        }
      }
      return into.position() - start;
    }
  }
}
