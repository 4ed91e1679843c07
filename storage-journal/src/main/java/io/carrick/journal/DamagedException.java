package io.carrick.journal;

import java.io.IOException;

/** A file does not hold what was written to it. The message names file and offset. */
final class DamagedException extends IOException {

  private static final long serialVersionUID = 1;

  DamagedException(String file, long offset, String what) {
    super("the journal is damaged: " + file + " at offset " + offset + ": " + what);
  }
}
