package io.carrick.journal;

import io.carrick.journal.FileSystem.StoredFile;
import java.io.IOException;
import java.util.List;
import java.util.UUID;

/** The file that tells journals apart. No state. */
final class JournalIdentity {

  private static final String NAME = LogFileNames.IDENTITY;

  private JournalIdentity() {}

  /** Finds out which journal this is. */
  static long read(FileSystem files) throws IOException {
    try (StoredFile file = files.open(NAME)) {
      FileHeader header = FileHeader.read(file, NAME, FileHeader.Kind.IDENTITY);
      if (header == null) {
        throw new DamagedException(NAME, 0, "it does not say which journal this is");
      }
      return header.journalId();
    }
  }

  /** Finds out which journal this is, or makes a new one where there is none. */
  static long readOrMake(FileSystem files) throws IOException {
    List<String> names = files.list();
    boolean log = !LogFileNames.wals(names).isEmpty() || !LogFileNames.images(names).isEmpty();
    if (!log && names.stream().anyMatch(LogFileNames::isCold)) {
      throw new DamagedException(
          LogFileNames.wal(1), 0, "there are files of queues, and the log is missing");
    }
    if (log && !names.contains(NAME)) {
      throw new DamagedException(NAME, 0, "it is missing");
    }
    if (!log && names.contains(NAME)) {
      refuseLater(files);
    }
    return log ? read(files) : make(files);
  }

  /** A later version may have called its files differently. */
  private static void refuseLater(FileSystem files) throws IOException {
    try (StoredFile file = files.open(NAME)) {
      FileHeader.read(file, NAME, FileHeader.Kind.IDENTITY);
    }
  }

  private static long make(FileSystem files) throws IOException {
    long id = UUID.randomUUID().getMostSignificantBits();
    try (StoredFile file = files.create(NAME)) {
      file.writeFully(new FileHeader(FileHeader.Kind.IDENTITY, id, 0, 0).toBytes(), 0);
      file.force();
    }
    files.syncNames();
    return id;
  }
}
