package io.carrick.engine.queue;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which stored messages may have been delivered in an earlier run: all up to a sequence, and some
 * behind it. Confined to the queue's loop.
 */
public final class Redeliveries {

  private final long upTo;
  private @Nullable Set<Long> sequences;

  /**
   * Makes what is known of earlier deliveries.
   *
   * @param upTo all up to this sequence
   * @param sequences and these
   */
  public Redeliveries(long upTo, Collection<Long> sequences) {
    this.upTo = upTo;
    this.sequences = sequences.isEmpty() ? null : new HashSet<>(sequences);
  }

  /** Nothing was delivered. */
  public static Redeliveries none() {
    return new Redeliveries(0, List.of());
  }

  /** Returns the sequence up to which everything may have been delivered. */
  public long upTo() {
    return upTo;
  }

  /** Returns the others, rising. */
  public Collection<Long> sequences() {
    return sequences == null ? List.of() : sequences.stream().sorted().toList();
  }

  /** Returns whether a message is one of them; its own flag says so from here on. */
  boolean take(long sequence) {
    if (sequence == 0) {
      return false;
    }
    return sequence <= upTo || (sequences != null && sequences.remove(sequence));
  }

  void addIfDelivered(QueuedMessage m) {
    if (m.redelivered) {
      add(m.sequence);
    }
  }

  void add(long sequence) {
    if (sequence > upTo) {
      if (sequences == null) {
        sequences = new HashSet<>();
      }
      sequences.add(sequence);
    }
  }
}
