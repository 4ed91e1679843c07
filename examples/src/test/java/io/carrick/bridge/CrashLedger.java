package io.carrick.bridge;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one consumer has seen of each publisher's numbers, over all brokers. Guarded by {@code
 * this}.
 */
final class CrashLedger {

  private static final int MOST_COMPLAINTS = 20;

  private final String name;
  private final Map<String, Seen> publishers = new TreeMap<>();
  private final List<String> complaints = new ArrayList<>();

  /** When a number may come again. */
  enum Repetition {
    /** Not at all. */
    NEVER,
    /** With the flag of a redelivery. */
    FLAGGED
  }

  /** The numbers of one publisher. */
  private static final class Seen {
    private final BitSet numbers = new BitSet();
    private final BitSet repeated = new BitSet();
    private final BitSet repeatedUnflagged = new BitSet();
    private int highest;
    private int flagged;
  }

  CrashLedger(String name) {
    this.name = name;
  }

  /** What a publisher says: its name, a number, and something of varied length behind it. */
  static String text(String publisher, int number) {
    int length = number % 500 == 0 ? 100_000 : number % 20 == 0 ? 5_000 : number % 300;
    return publisher + ":" + number + ":" + "x".repeat(length);
  }

  /**
   * Notes a message.
   *
   * @param flagged whether it said that it may have been delivered before
   */
  synchronized void saw(String text, boolean flagged) {
    String[] words = text.split(":", 3);
    int number = Integer.parseInt(words[1]);
    Seen seen = publishers.computeIfAbsent(words[0], p -> new Seen());
    if (!text.equals(text(words[0], number))) {
      complain(words[0] + ":" + number + " is not what was published");
    }
    seen.flagged += flagged ? 1 : 0;
    if (seen.numbers.get(number)) {
      seen.repeated.set(number);
      if (!flagged) {
        seen.repeatedUnflagged.set(number);
      }
      return;
    }
    if (number < seen.highest) {
      complain(words[0] + ":" + number + " came behind " + seen.highest);
    }
    seen.numbers.set(number);
    seen.highest = Math.max(seen.highest, number);
  }

  private void complain(String what) {
    if (complaints.size() < MOST_COMPLAINTS) {
      complaints.add(name + ": " + what);
    }
  }

  /** Returns whether all acknowledged numbers of a publisher have been seen. */
  synchronized boolean hasAll(String publisher, BitSet acknowledged) {
    return missing(publisher, acknowledged).isEmpty();
  }

  private BitSet missing(String publisher, BitSet acknowledged) {
    BitSet missing = (BitSet) acknowledged.clone();
    missing.andNot(publishers.getOrDefault(publisher, new Seen()).numbers);
    return missing;
  }

  /**
   * Notes what is wrong with a publisher's numbers.
   *
   * @param acknowledged what must be there
   * @param published what may be there as often as it likes, because it was published again
   */
  synchronized void check(
      String publisher, BitSet acknowledged, BitSet published, Repetition allowed) {
    BitSet missing = missing(publisher, acknowledged);
    if (!missing.isEmpty()) {
      complain(
          missing.cardinality() + " acknowledged of " + publisher + " are lost: " + some(missing));
    }
    Seen seen = publishers.getOrDefault(publisher, new Seen());
    var wrong = new BitSet();
    wrong.or(allowed == Repetition.NEVER ? seen.repeated : seen.repeatedUnflagged);
    wrong.andNot(published);
    if (!wrong.isEmpty()) {
      complain(wrong.cardinality() + " of " + publisher + " came again: " + some(wrong));
    }
  }

  private static String some(BitSet numbers) {
    return numbers.stream().limit(20).boxed().toList().toString();
  }

  synchronized List<String> complaints() {
    return List.copyOf(complaints);
  }

  synchronized int distinct() {
    return publishers.values().stream().mapToInt(s -> s.numbers.cardinality()).sum();
  }

  /** Returns how many messages said that they may have been delivered before. */
  synchronized int flagged() {
    return publishers.values().stream().mapToInt(s -> s.flagged).sum();
  }

  @Override
  public synchronized String toString() {
    var text = new StringBuilder(name);
    publishers.forEach(
        (publisher, seen) ->
            text.append(", ")
                .append(publisher)
                .append(' ')
                .append(seen.numbers.cardinality())
                .append(" (again ")
                .append(seen.repeated.cardinality())
                .append(')'));
    return text.toString();
  }
}
