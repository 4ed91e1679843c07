package io.carrick.journal;

import io.carrick.storage.StoredMessage;
import java.util.List;

/**
 * Messages of one queue on their way out of memory. Immutable.
 *
 * @param messages in queue order
 * @param bytes that they hold in memory, more or less
 * @param highest sequence among them, 0 if none is stored
 */
record Leaving(List<StoredMessage> messages, long bytes, long highest) {

  /** What a message takes beside its payload, more or less. */
  static final int EACH_BYTES = 64;

  static Leaving of(List<StoredMessage> messages, long bytes) {
    long highest = 0;
    for (StoredMessage m : messages) {
      highest = Math.max(highest, m.sequence());
    }
    return new Leaving(messages, bytes, highest);
  }
}
