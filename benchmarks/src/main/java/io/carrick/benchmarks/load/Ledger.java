package io.carrick.benchmarks.load;

import java.util.BitSet;

/**
 * What the receivers got, message by message: each group of receivers is to get each message of the
 * publishers that reach it once. Confined to the thread of the run.
 */
final class Ledger {

  private final Scenario scenario;
  private final BitSet[][] got;
  private final long[][] last;
  private final long[] sent;
  private final long[] arrived;
  private final int[] copies;
  private long duplicates;
  private long reordered;

  Ledger(Scenario scenario) {
    this.scenario = scenario;
    int publishers = scenario.crowd().publishers();
    got = new BitSet[scenario.groups()][publishers];
    last = new long[scenario.crowd().receivers()][publishers];
    sent = new long[publishers];
    arrived = new long[publishers];
    copies = new int[publishers];
    for (int group = 0; group < got.length; group++) {
      for (int publisher = 0; publisher < publishers; publisher++) {
        got[group][publisher] = new BitSet();
        copies[publisher] += scenario.reaches(publisher, group) ? 1 : 0;
      }
    }
  }

  /** Returns the number of the message that a publisher sends now, from 1. */
  long sent(int publisher) {
    return ++sent[publisher];
  }

  void received(int receiver, Stamp stamp) {
    int publisher = stamp.publisher();
    BitSet seen = got[scenario.groupOf(receiver)][publisher];
    int number = Math.toIntExact(stamp.number());
    if (seen.get(number)) {
      duplicates++;
      return;
    }
    seen.set(number);
    arrived[publisher]++;
    if (number < last[receiver][publisher]) {
      reordered++;
    }
    last[receiver][publisher] = number;
  }

  /** Returns how many messages of a publisher some group has not got. */
  long underWay(int publisher) {
    return sent[publisher] - arrived[publisher] / copies[publisher];
  }

  long lost() {
    long missing = 0;
    for (int publisher = 0; publisher < sent.length; publisher++) {
      missing += sent[publisher] * copies[publisher] - arrived[publisher];
    }
    return missing;
  }

  long totalSent() {
    long total = 0;
    for (long s : sent) {
      total += s;
    }
    return total;
  }

  long totalReceived() {
    long total = 0;
    for (long a : arrived) {
      total += a;
    }
    return total;
  }

  long duplicates() {
    return duplicates;
  }

  long reordered() {
    return reordered;
  }
}
