package io.carrick.engine.receipt;

import io.carrick.ReceiptReport.Counts;
import io.carrick.ReceiptReport.Entry;
import io.carrick.ReceiptReport.Outcome;
import io.carrick.ReceiptReport.Result;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The arithmetic of one receipt: which queues have got a copy of the message, and what became of
 * each. A queue counts once, and the first thing that becomes of its copy counts. Confined to the
 * receipt's home loop.
 */
final class Tally {

  private final int wanted;
  private final int mostEntries;

  /** Queues of whose copies nothing has become yet, in the order of routing. */
  private final Set<String> open = new LinkedHashSet<>();

  private final Set<String> settled = new HashSet<>();
  private final List<Entry> entries = new ArrayList<>();
  private final int[] counts = new int[Outcome.values().length];

  /** In how many exchanges the message waits before it is routed further. */
  private int waiting;

  /**
   * Starts with no queue.
   *
   * @param wanted how many acknowledgements are enough; 0 if every copy is waited for
   * @param mostEntries how many queues are named one by one
   */
  Tally(int wanted, int mostEntries) {
    this.wanted = wanted;
    this.mostEntries = mostEntries;
  }

  /** The message was routed to a queue, perhaps after something has become of it there. */
  void expect(String queue) {
    if (!settled.contains(queue)) {
      open.add(queue);
    }
  }

  /** A queue that was matched has no use for the message. */
  void leaveOut(String queue) {
    open.remove(queue);
  }

  /** The message waits in an exchange. */
  void waits() {
    waiting++;
  }

  /** It has waited: from now on it is in the queues that are expected. */
  void released() {
    waiting = Math.max(0, waiting - 1);
  }

  /** Returns whether it waits in an exchange. */
  boolean isWaiting() {
    return waiting > 0;
  }

  /** Something has become of a queue's copy. */
  void became(Entry entry) {
    open.remove(entry.queue());
    if (settled.add(entry.queue())) {
      counts[entry.outcome().ordinal()]++;
      if (entries.size() < mostEntries) {
        entries.add(entry);
      }
    }
  }

  /** The time is over: nothing becomes of the rest any more. */
  void timeOut() {
    for (String queue : List.copyOf(open)) {
      became(new Entry(queue, Outcome.TIMED_OUT, "", Optional.empty()));
    }
  }

  /** Returns what the answer is; null as long as there is none. */
  @Nullable Result result() {
    int acknowledged = count(Outcome.ACKNOWLEDGED);
    if (wanted > 0 && acknowledged >= wanted) {
      return Result.FULFILLED;
    } else if (waiting > 0) {
      return null;
    } else if (open.isEmpty() && settled.isEmpty()) {
      return Result.UNROUTABLE;
    } else if (wanted > 0) {
      return acknowledged + open.size() < wanted ? Result.FAILED : null;
    } else if (!open.isEmpty()) {
      return null;
    }
    return acknowledged == settled.size() ? Result.FULFILLED : Result.FAILED;
  }

  private int count(Outcome outcome) {
    return counts[outcome.ordinal()];
  }

  /** Returns how many of what there are. */
  Counts counts() {
    return new Counts(
        open.size() + settled.size(),
        count(Outcome.ACKNOWLEDGED),
        count(Outcome.REJECTED),
        count(Outcome.EXPIRED),
        count(Outcome.DROPPED),
        count(Outcome.TIMED_OUT));
  }

  /** Returns what became of the first copies, in the order in which it did. */
  List<Entry> entries() {
    return entries;
  }

  /** Returns the queues of whose copies nothing has become. */
  List<String> open() {
    return List.copyOf(open);
  }

  /** Returns the queues of whose copies something has become. */
  Set<String> settled() {
    return settled;
  }
}
