package io.carrick.journal;

import io.carrick.journal.FileSystem.StoredFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;

/**
 * A file behind the log to which blocks are added: what files of one queue and files that several
 * share have in common. Confined to the compactor's thread, except {@link #force} and what is
 * final.
 */
final class BlockFile {

  final String name;
  final FileHeader header;

  /** Opened when it is used. */
  final StoredFile file;

  private final OpenFiles files;
  private long end = FileHeader.BYTES;
  private volatile boolean dirty;

  private BlockFile(OpenFiles files, String name, FileHeader header) {
    this.files = files;
    this.name = name;
    this.header = header;
    this.file = files.of(name);
  }

  /** Makes a new file. */
  static BlockFile create(OpenFiles files, String name, FileHeader header) throws IOException {
    var made = new BlockFile(files, name, header);
    try {
      files.create(name).writeFully(header.toBytes(), 0);
    } catch (IOException e) {
      files.delete(name);
      throw e;
    }
    made.dirty = true;
    return made;
  }

  /** Takes over a file of an earlier run. */
  static BlockFile recovered(OpenFiles files, String name, FileHeader header, long end) {
    var there = new BlockFile(files, name, header);
    there.end = end;
    return there;
  }

  /**
   * Checks that the file is there and starts as it should.
   *
   * @return false if it is missing, and that is to be passed over
   */
  boolean check(BlockScan.Damage damage) throws IOException {
    try (StoredFile there = file) {
      if (!header.equals(FileHeader.read(there, name, header.kind()))) {
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

  /** Reads the blocks in it. */
  BlockScan scan(BlockScan.Damage damage) {
    return new BlockScan(file, name, header, end, damage);
  }

  /** Adds a block at the end. */
  void append(Block block) throws IOException {
    block.place(header.epoch(), end, 0);
    file.writeFully(ByteBuffer.wrap(block.bytes(), 0, block.length()), end);
    dirty = true;
    end += block.length();
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
