package io.carrick.engine.queue;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * Which stored messages may have been delivered in an earlier run: all up to a sequence, and some
 * behind it. Confined to the queue's loop.
 */
public final class Redeliveries {

  private final long upTo;
  private final Set<Long> sequences;

  /**
   * Makes what is known of earlier deliveries.
   *
   * @param upTo all up to this sequence
   * @param sequences and these
   */
  public Redeliveries(long upTo, Collection<Long> sequences) {
    this.upTo = upTo;
    this.sequences = new HashSet<>(sequences);
  }

  /** Nothing was delivered. */
  public static Redeliveries none() {
    return new Redeliveries(0, Set.of());
  }

  /** Returns the sequence up to which everything may have been delivered. */
  public long upTo() {
    return upTo;
  }

  /** Returns the others, rising. */
  public Collection<Long> sequences() {
    return sequences.stream().sorted().toList();
  }

  /** Returns whether a message is one of them; its own flag says so from here on. */
  boolean take(long sequence) {
    return sequence != 0 && (sequence <= upTo || sequences.remove(sequence));
  }

  void add(long sequence) {
    if (sequence > upTo) {
      sequences.add(sequence);
    }
  }
}
