package io.carrick.journal;

import io.carrick.journal.FileSystem.StoredFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;

/**
 * One file with messages that several queues have out of memory, and how many files of queues refer
 * to it. Confined to the keeper's thread, except {@link #force} and what is final.
 */
final class SharedFile {

  final String name;
  final FileHeader header;

  /** Opened when it is used. */
  final StoredFile file;

  private final OpenFiles files;
  private long end = FileHeader.BYTES;
  private int references;
  private volatile boolean dirty;

  private SharedFile(OpenFiles files, FileHeader header) {
    this.files = files;
    this.header = header;
    this.name = LogFileNames.shared(header.number());
    this.file = files.of(name);
  }

  private static FileHeader header(long journalId, long number) {
    return new FileHeader(FileHeader.Kind.SHARED, journalId, number, 0);
  }

  /** Makes a new file. */
  static SharedFile create(OpenFiles files, long journalId, long number) throws IOException {
    var file = new SharedFile(files, header(journalId, number));
    try {
      files.create(file.name).writeFully(file.header.toBytes(), 0);
    } catch (IOException e) {
      files.delete(file.name);
      throw e;
    }
    file.dirty = true;
    return file;
  }

  /** Takes over a file of an earlier run. */
  static SharedFile recovered(OpenFiles files, long journalId, long number, long end) {
    var file = new SharedFile(files, header(journalId, number));
    file.end = end;
    return file;
  }

  /**
   * Checks that the file is there and starts as it should.
   *
   * @return false if it is missing, and that is to be passed over
   */
  boolean check(BlockScan.Damage damage) throws IOException {
    try (StoredFile there = file) {
      if (!header.equals(FileHeader.read(there, name, FileHeader.Kind.SHARED))) {
        damage.found(name, 0, FileHeader.BYTES, "the file does not start as it should");
      }
      if (there.size() < end) {
        damage.found(name, there.size(), end, "the file should have " + end + " bytes");
      }
      return true;
    } catch (NoSuchFileException | FileNotFoundException e) {
      damage.found(name, 0, end, "the file is missing");
      return false;
    }
  }

  long number() {
    return header.number();
  }

  long end() {
    return end;
  }

  /** Adds a block of messages at the end. */
  void append(Block block) throws IOException {
    block.place(header.epoch(), end, 0);
    file.writeFully(ByteBuffer.wrap(block.bytes(), 0, block.length()), end);
    dirty = true;
    end += block.length();
  }

  void refer() {
    references++;
  }

  void release() {
    references--;
  }

  boolean isReferredTo() {
    return references > 0;
  }

  /**
   * Makes safe what was written; called by the thread that makes images.
   *
   * @return whether anything had been written
   */
  boolean force() throws IOException {
    if (!dirty) {
      return false;
    }
    dirty = false;
    try {
      files.force(name);
    } catch (IOException e) {
      dirty = true;
      throw e;
    }
    return true;
  }

  void close() {
    files.close(name);
  }
}
