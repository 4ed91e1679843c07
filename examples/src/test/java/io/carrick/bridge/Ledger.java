package io.carrick.bridge;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one queue's consumers have seen: numbers of each publisher. A number that comes again
 * without the flag of a redelivery is a complaint, and so is one that first comes behind a later
 * one. Guarded by {@code this}.
 */
final class Ledger {

  private static final int MOST_COMPLAINTS = 20;

  private final String name;
  private final boolean ordered;
  private final Map<String, Seen> publishers = new TreeMap<>();
  private final List<String> complaints = new ArrayList<>();
  private int distinct;
  private int repeated;

  /** The numbers of one publisher. */
  private static final class Seen {
    private final BitSet numbers = new BitSet();
    private int highest = -1;
  }

  /**
   * Opens an empty one.
   *
   * @param ordered whether one consumer at a time sees everything, so that order can be told
   */
  Ledger(String name, boolean ordered) {
    this.name = name;
    this.ordered = ordered;
  }

  /** Notes a message, whose text is {@code publisher:number} and perhaps more behind a space. */
  synchronized void saw(String text, boolean flagged) {
    int colon = text.indexOf(':');
    int end = text.indexOf(' ');
    String publisher = text.substring(0, colon);
    int number = Integer.parseInt(text.substring(colon + 1, end < 0 ? text.length() : end));
    Seen seen = publishers.computeIfAbsent(publisher, p -> new Seen());
    if (seen.numbers.get(number)) {
      repeated++;
      if (!flagged) {
        complain(publisher + ":" + number + " came again without a flag");
      }
      return;
    }
    seen.numbers.set(number);
    distinct++;
    if (ordered && number < seen.highest) {
      complain(publisher + ":" + number + " came behind " + seen.highest);
    }
    seen.highest = Math.max(seen.highest, number);
  }

  private void complain(String what) {
    if (complaints.size() < MOST_COMPLAINTS) {
      complaints.add(name + ": " + what);
    }
  }

  synchronized int distinct() {
    return distinct;
  }

  synchronized int repeated() {
    return repeated;
  }

  /** Returns what is wrong, given how many each publisher has sent. */
  synchronized List<String> complaints(Map<String, Integer> sent) {
    var all = new ArrayList<>(complaints);
    sent.forEach(
        (publisher, count) -> {
          BitSet numbers = publishers.getOrDefault(publisher, new Seen()).numbers;
          int missing = count - numbers.cardinality();
          if (missing != 0 || numbers.length() > count) {
            all.add(
                name + ": " + missing + " missing of " + publisher + ", first " + first(numbers));
          }
        });
    return all;
  }

  private static int first(BitSet numbers) {
    return numbers.nextClearBit(0);
  }

  @Override
  public synchronized String toString() {
    return name + ": " + distinct + " seen, " + repeated + " again";
  }
}
