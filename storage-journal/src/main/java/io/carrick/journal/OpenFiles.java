package io.carrick.journal;

import io.carrick.journal.FileSystem.StoredFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Opens files of queues when they are used, and closes what was not used for longest: few are open,
 * however many there are. Confined to the compactor's thread, except {@link #force}.
 */
final class OpenFiles {

  /** How many are open at most. */
  static final int MOST = 64;

  private final FileSystem files;
  private final LinkedHashMap<String, StoredFile> open = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * No file of a queue has had this number or a higher one: one that is needed no more is there for
   * a while, and is deleted by its name.
   */
  private long nextNumber = 1;

  OpenFiles(FileSystem files) {
    this.files = files;
  }

  /** Returns the number of a new file. */
  long newNumber() {
    return nextNumber++;
  }

  /** Returns the number that the next new file gets. */
  long nextNumber() {
    return nextNumber;
  }

  /** Gives new files this number and higher ones, at least. */
  void numbersFrom(long number) {
    nextNumber = Math.max(nextNumber, number);
  }

  /** Makes an empty file. */
  StoredFile create(String name) throws IOException {
    close(name);
    opened(name, files.create(name));
    return new Named(name);
  }

  /** Returns a file that is opened when it is used. */
  StoredFile of(String name) {
    return new Named(name);
  }

  /** Makes safe what was written to a file; from any thread. */
  void force(String name) throws IOException {
    // With a handle of its own, which nobody closes meanwhile.
    try (StoredFile file = files.open(name)) {
      file.force();
    }
  }

  private StoredFile opened(String name) throws IOException {
    StoredFile there = open.get(name);
    return there == null ? opened(name, files.open(name)) : there;
  }

  private StoredFile opened(String name, StoredFile file) {
    open.put(name, file);
    if (open.size() > MOST) {
      Map.Entry<String, StoredFile> oldest = open.entrySet().iterator().next();
      close(oldest.getKey());
    }
    return file;
  }

  /** Deletes a file. */
  void delete(String name) throws IOException {
    close(name);
    files.delete(name);
  }

  /** Closes a file if it is open. */
  void close(String name) {
    StoredFile there = open.remove(name);
    if (there != null) {
      try {
        there.close();
      } catch (IOException e) {
        throw new UncheckedIOException(name + " cannot be closed", e);
      }
    }
  }

  /** Closes what is open. */
  void close() {
    List.copyOf(open.keySet()).forEach(this::close);
  }

  /** A file by its name. */
  private final class Named implements StoredFile {

    private final String name;

    Named(String name) {
      this.name = name;
    }

    @Override
    public int write(ByteBuffer from, long offset) throws IOException {
      return opened(name).write(from, offset);
    }

    @Override
    public int read(ByteBuffer into, long offset) throws IOException {
      return opened(name).read(into, offset);
    }

    @Override
    public void force() throws IOException {
      opened(name).force();
    }

    @Override
    public long size() throws IOException {
      return opened(name).size();
    }

    @Override
    public void close() {
      OpenFiles.this.close(name);
    }
  }
}
