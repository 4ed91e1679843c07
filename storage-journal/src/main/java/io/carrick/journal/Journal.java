package io.carrick.journal;

import io.carrick.storage.MessageStore;
import io.carrick.storage.StoreContext;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A directory in which a broker keeps what is durable: {@code
 * EmbeddedBroker.builder().store(Journal.in(Path.of("data")))}. Immutable: every method that
 * changes something returns another one. One journal can be opened again and again, by one broker
 * at a time.
 */
public final class Journal implements MessageStore.Factory {

  private static final int DEFAULT_SEGMENT_BYTES = 64 << 20;
  private static final int SMALLEST_SEGMENT_BYTES = 64 << 10;

  private final Path directory;
  private final Settings settings;

  /** When something that was stored counts as safe. */
  public enum Sync {
    /** When the disk has it: it survives a loss of power. */
    FSYNC,
    /** When the operating system has it: it survives the end of this process. */
    OS,
    /** At once: what was confirmed last may be lost. */
    NONE
  }

  /**
   * How a journal works. Immutable.
   *
   * @param sync when something is safe
   * @param segmentBytes of one segment of the log
   * @param skipDamaged whether damaged records are passed over
   */
  record Settings(Sync sync, int segmentBytes, boolean skipDamaged) {

    static final Settings DEFAULT = new Settings(Sync.FSYNC, DEFAULT_SEGMENT_BYTES, false);

    private static final int SEGMENTS = 8;
    private static final int COLD_BYTES = 16 << 20;
    private static final int CHUNK_BYTES = 128 << 10;

    /** Returns the bytes of the log from which on its older part is written anew. */
    long walBytes() {
      return (long) SEGMENTS * segmentBytes;
    }

    /** Returns the bytes of messages that leave memory at once. */
    int chunkBytes() {
      return Math.min(CHUNK_BYTES, segmentBytes / 8);
    }

    /** Returns the bytes of a queue's file from which on there is another one. */
    long coldBytes() {
      return Math.min(COLD_BYTES, segmentBytes);
    }
  }

  private Journal(Path directory, Settings settings) {
    this.directory = directory;
    this.settings = settings;
  }

  /** Describes the journal in a directory, which is made when it is opened. */
  public static Journal in(Path directory) {
    return new Journal(directory, Settings.DEFAULT);
  }

  /** Sets when something counts as safe (default: {@link Sync#FSYNC}). */
  public Journal sync(Sync value) {
    return new Journal(directory, new Settings(value, settings.segmentBytes, settings.skipDamaged));
  }

  /**
   * Sets the bytes of one segment of the log (default: 64 MiB). What is kept on disk for the log is
   * about eight of them, and twice what is live in it.
   *
   * @throws IllegalArgumentException if it is less than 64 KiB or more than 1 GiB
   */
  public Journal segmentBytes(int value) {
    if (value < SMALLEST_SEGMENT_BYTES || value > 1 << 30) {
      throw new IllegalArgumentException("a segment has 64 KiB to 1 GiB: " + value);
    }
    return new Journal(directory, new Settings(settings.sync, value, settings.skipDamaged));
  }

  /**
   * Passes over damaged records, which are reported, instead of refusing to open (default: refuse).
   */
  public Journal skipDamaged() {
    return new Journal(directory, new Settings(settings.sync, settings.segmentBytes, true));
  }

  @Override
  public MessageStore open(StoreContext context) throws IOException {
    return JournalStore.open(DiskFileSystem.in(directory), settings, context);
  }

  /** Returns the directory. */
  @Override
  public String toString() {
    return "Journal[" + directory + "]";
  }
}
