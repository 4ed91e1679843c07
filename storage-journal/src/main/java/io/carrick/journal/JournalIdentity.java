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
    boolean used = !LogFileNames.wals(names).isEmpty() || !LogFileNames.images(names).isEmpty();
    if (used && !names.contains(NAME)) {
      throw new DamagedException(NAME, 0, "it is missing");
    }
    return used ? read(files) : make(files);
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
