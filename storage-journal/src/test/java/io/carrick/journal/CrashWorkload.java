package io.carrick.journal;

import io.carrick.Message;
import io.carrick.storage.StoredMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Does everything that a broker does with a store, at random and in record sets, and knows what has
 * to be in it. Confined to the test's thread.
 */
final class CrashWorkload {

  private static final int QUEUES = 3;

  private final Random random = new Random(42);

  /** Of its own, so that what is noted on messages does not change what the run does. */
  private final Random notes = new Random(43);

  private final StoreProbe probe;
  private final List<Long> queues = new ArrayList<>();
  private final Map<String, String> definitions = new TreeMap<>();
  private final Map<Long, Map<Long, String>> stored = new TreeMap<>();
  private final Set<Long> purged = new TreeSet<>();

  /** What consumers have, by queue. */
  private final Map<Long, List<StoredMessage>> delivered = new TreeMap<>();

  /** What queues have out of memory. */
  private final Map<Long, List<Long>> beyond = new TreeMap<>();

  private long nextQueue = 1;
  private long readNext;
  private int texts;

  /**
   * What is in the store: definitions, and messages by queue and sequence. Immutable.
   *
   * @param ids of all queues that have not been deleted
   * @param purged sequences that may be there or not
   */
  record State(
      Map<String, String> definitions,
      Map<Long, Map<Long, String>> queues,
      Set<Long> ids,
      Set<Long> purged) {

    /** Returns whether what was found can be what is left of this. */
    boolean admits(
        Map<String, String> foundDefinitions,
        Map<Long, Map<Long, String>> foundQueues,
        Set<Long> purgedSince) {
      return definitions.equals(foundDefinitions)
          && ids.containsAll(foundQueues.keySet())
          && without(queues, purgedSince).equals(without(foundQueues, purgedSince));
    }

    private static Map<Long, Map<Long, String>> without(
        Map<Long, Map<Long, String>> queues, Set<Long> sequences) {
      var left = new TreeMap<Long, Map<Long, String>>();
      queues.forEach(
          (id, messages) -> {
            var kept = new TreeMap<>(messages);
            kept.keySet().removeAll(sequences);
            if (!kept.isEmpty()) {
              left.put(id, kept);
            }
          });
      return left;
    }
  }

  CrashWorkload(StoreProbe probe) {
    this.probe = probe;
    for (int i = 0; i < QUEUES; i++) {
      addQueue();
    }
  }

  /** Returns a text in short, different for each. */
  static String brief(String text) {
    return text.replace("-", "") + "/" + text.length();
  }

  private void addQueue() {
    long id = nextQueue++;
    queues.add(id);
    stored.put(id, new TreeMap<>());
    delivered.put(id, new ArrayList<>());
    beyond.put(id, new ArrayList<>());
  }

  State state() {
    return new State(
        new TreeMap<>(definitions),
        State.without(stored, Set.of()),
        new TreeSet<>(queues),
        new TreeSet<>(purged));
  }

  private long anyQueue() {
    return queues.get(random.nextInt(queues.size()));
  }

  /** Makes one record set. */
  void batch() {
    probe.appender.begin();
    for (int i = random.nextInt(12); i >= 0; i--) {
      switch (random.nextInt(8)) {
        case 0, 1, 2, 3 -> publish();
        case 4, 5 -> settleSome();
        case 6 -> define();
        // Reading waits for what was submitted before.
        default -> readNext = anyQueue();
      }
    }
    if (random.nextInt(15) == 0) {
      purge(anyQueue());
    }
    if (random.nextInt(40) == 0) {
      deleteAQueue();
    }
    probe.appender.end();
  }

  private void publish() {
    long queue = anyQueue();
    if (random.nextInt(8) == 0) {
      probe.log(queue).add(new StoredMessage(0, Message.of("transient " + ++texts), null));
      return;
    }
    long[] targets =
        random.nextInt(4) == 0 ? queues.stream().mapToLong(id -> id).toArray() : new long[] {queue};
    // Now and then one that is larger than a segment.
    int length = random.nextInt(150) == 0 ? 10_000 : random.nextInt(200);
    String text = ++texts + "-".repeat(length);
    Message message = StoreProbe.annotated(text, notes);
    long sequence = probe.appender.append(message, targets, targets.length);
    for (long each : targets) {
      stored.get(each).put(sequence, brief(StoreProbe.shown(message)));
      var there = new StoredMessage(sequence, message, null);
      if (each == queues.get(0) && probe.log(each).size() == 0 && random.nextInt(10) != 0) {
        delivered.get(each).add(there);
      } else {
        probe.log(each).add(there);
        beyond.get(each).add(sequence);
      }
    }
  }

  private void settleSome() {
    long queue = anyQueue();
    List<StoredMessage> unsettled = delivered.get(queue);
    for (int i = random.nextInt(6); i >= 0 && !unsettled.isEmpty(); i--) {
      int which = random.nextBoolean() ? 0 : random.nextInt(unsettled.size());
      StoredMessage settled = unsettled.remove(which);
      probe.appender.settle(queue, settled.sequence());
      stored.get(queue).remove(settled.sequence());
    }
  }

  private void define() {
    String key = "k" + random.nextInt(6);
    if (random.nextInt(3) == 0) {
      probe.appender.delete("t", key);
      definitions.remove("t/" + key);
    } else {
      String record = "r" + ++texts;
      probe.appender.put("t", key, record.getBytes());
      definitions.put("t/" + key, record);
    }
  }

  /** Empties what a queue has out of memory; on disk this is complete with the next image. */
  private void purge(long queue) {
    probe.log(queue).clear(probe.appender);
    for (long sequence : beyond.get(queue)) {
      stored.get(queue).remove(sequence);
      purged.add(sequence);
    }
    beyond.get(queue).clear();
  }

  private void deleteAQueue() {
    long queue = queues.remove(random.nextInt(queues.size()));
    purge(queue);
    probe.appender.drop(queue);
    stored.remove(queue);
    delivered.remove(queue);
    beyond.remove(queue);
    if (readNext == queue) {
      readNext = 0;
    }
    addQueue();
  }

  void betweenBatches() {
    if (readNext != 0 && probe.log(readNext).size() > 0) {
      for (StoredMessage m : probe.read(readNext, 30)) {
        if (m.sequence() != 0) {
          delivered.get(readNext).add(m);
          beyond.get(readNext).remove(m.sequence());
        }
      }
    }
    readNext = 0;
  }
}
