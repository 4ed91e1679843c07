package io.carrick.engine.definitions;

import java.util.List;

/**
 * Which messages of a queue may have been delivered in an earlier run. Immutable.
 *
 * @param upTo all up to this sequence
 * @param sequences and these, rising
 */
public record StoredRedeliveries(long upTo, List<Long> sequences) {

  /** No message was delivered. */
  public static final StoredRedeliveries NONE = new StoredRedeliveries(0, List.of());

  /** Copies the list. */
  public StoredRedeliveries {
    sequences = List.copyOf(sequences);
  }
}
