package io.carrick.journal;

import java.io.IOException;

/**
 * One file with messages that several queues have out of memory, and how many files of queues refer
 * to it. Confined to the compactor's thread, except what is final.
 */
final class SharedFile {

  final BlockFile blocks;

  private int references;

  private SharedFile(BlockFile blocks) {
    this.blocks = blocks;
  }

  private static FileHeader header(long journalId, long number) {
    return new FileHeader(FileHeader.Kind.SHARED, journalId, number, 0);
  }

  /** Makes a new file. */
  static SharedFile create(OpenFiles files, long journalId, long number) throws IOException {
    String name = LogFileNames.shared(number);
    return new SharedFile(BlockFile.create(files, name, header(journalId, number)));
  }

  /** Takes over a file of an earlier run. */
  static SharedFile recovered(OpenFiles files, long journalId, long number, long end) {
    String name = LogFileNames.shared(number);
    return new SharedFile(BlockFile.recovered(files, name, header(journalId, number), end));
  }

  long number() {
    return blocks.number();
  }

  long end() {
    return blocks.end();
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
}
