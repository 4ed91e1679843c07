package io.carrick.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import io.carrick.storage.Appender;
import io.carrick.storage.MessageStore;
import io.carrick.storage.StoredMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/**
 * The same random use of the store in memory and of the journal shows the same: queues with a
 * window in memory and the rest beyond it, settling out of order, purging, deleting, record sets,
 * restarts.
 */
class DifferentialTest {

  private static final int QUEUES = 3;
  private static final int WINDOW = 20;
  private static final int STEPS = 500;

  private static final Journal.Settings TINY =
      new Journal.Settings(Journal.Sync.FSYNC, 8 << 10, false);

  @Property(tries = 30)
  void bothGiveTheSameHistory(@ForAll long seed) throws IOException {
    List<String> memory = new Use(new InMemory(), seed).history();
    List<String> journal = new Use(new InJournal(), seed).history();

    for (int i = 0; i < memory.size(); i++) {
      assertThat(journal.get(i))
          .as("line %d, behind %s", i, memory.subList(Math.max(0, i - 4), i))
          .isEqualTo(memory.get(i));
    }
    assertThat(journal).hasSameSizeAs(memory);
  }

  @Test
  void theUseHasEverythingInIt() throws IOException {
    var use = new Use(new InJournal(), 42);
    List<String> history = use.history();

    for (String what :
        List.of("read", "purged", "restarted", "deleted", "out of order", "set of")) {
      assertThat(history).as(what).anyMatch(line -> line.startsWith(what));
    }
  }

  /** A store that can be restarted. */
  private interface Restarting {

    StoreProbe start() throws IOException;

    /**
     * Starts again, and returns what is there of each queue: everything that is stored and not
     * settled, in the order in which it was stored.
     *
     * @param unsettled by queue, in this order
     */
    StoreProbe restart(StoreProbe before, Map<Long, List<Message>> unsettled) throws IOException;
  }

  /** What it has is stored anew by a new store. */
  private static final class InMemory implements Restarting {

    @Override
    public StoreProbe start() throws IOException {
      return new StoreProbe(MessageStore.inMemory().open(StoreProbe.CONTEXT));
    }

    @Override
    public StoreProbe restart(StoreProbe before, Map<Long, List<Message>> unsettled)
        throws IOException {
      before.close();
      StoreProbe after = start();
      unsettled.forEach(
          (queue, messages) -> {
            for (Message message : messages) {
              long sequence = after.appender.append(message, new long[] {queue}, 1);
              after.log(queue).add(new StoredMessage(sequence, message, null));
            }
          });
      return after;
    }
  }

  /** What it has is read back by itself. */
  private static final class InJournal implements Restarting {

    private final MemoryFiles files = new MemoryFiles();

    @Override
    public StoreProbe start() throws IOException {
      return new StoreProbe(files, TINY);
    }

    @Override
    public StoreProbe restart(StoreProbe before, Map<Long, List<Message>> unsettled)
        throws IOException {
      before.close();
      return start();
    }
  }

  /** Uses a store as queues do. Confined to the test's thread. */
  private static final class Use {

    private final Restarting stores;
    private final Random random;
    private final List<String> history = new ArrayList<>();
    private final Map<Long, Queue> queues = new TreeMap<>();
    private StoreProbe probe;
    private long nextQueue = 1;
    private int texts;

    /** The part of a queue that is in memory, and what is stored of all of it. */
    private static final class Queue {
      private final List<StoredMessage> window = new ArrayList<>();
      private final Map<String, Message> stored = new LinkedHashMap<>();
    }

    Use(Restarting stores, long seed) throws IOException {
      this.stores = stores;
      this.random = new Random(seed);
      this.probe = stores.start();
      for (int i = 0; i < QUEUES; i++) {
        queues.put(nextQueue++, new Queue());
      }
    }

    List<String> history() throws IOException {
      for (int i = 0; i < STEPS; i++) {
        long queue = anyQueue();
        int what = random.nextInt(100);
        if (what < 45) {
          publish(List.of(queue));
        } else if (what < 56) {
          publish(new ArrayList<>(queues.keySet()));
        } else if (what < 60) {
          recordSet();
        } else if (what < 75) {
          settleSome(queue);
        } else if (what < 94) {
          read(queue, 1 + random.nextInt(40));
        } else if (what < 96) {
          purge(queue);
        } else if (what < 97) {
          delete(queue);
        } else {
          restart();
        }
        for (long each : queues.keySet()) {
          history.add(each + " has " + probe.log(each).size());
        }
      }
      restart();
      for (long each : queues.keySet()) {
        while (probe.log(each).size() > 0) {
          read(each, 50);
          queues.get(each).window.clear();
        }
      }
      probe.close();
      return history;
    }

    private long anyQueue() {
      return new ArrayList<>(queues.keySet()).get(random.nextInt(queues.size()));
    }

    private void publish(List<Long> targets) {
      String text = "m" + ++texts + "-".repeat(random.nextInt(300));
      boolean stored = random.nextInt(4) != 0;
      Message message = StoreProbe.annotated(text, random);
      long[] ids = targets.stream().mapToLong(id -> id).toArray();
      long sequence = stored ? probe.appender.append(message, ids, ids.length) : 0;
      for (long each : ids) {
        Queue queue = queues.get(each);
        var there = new StoredMessage(sequence, message, null);
        if (stored) {
          queue.stored.put(StoreProbe.shown(message), message);
        }
        if (queue.window.size() < WINDOW && probe.log(each).size() == 0) {
          queue.window.add(there);
        } else {
          probe.log(each).add(there);
        }
      }
    }

    /** Several messages and settlements of several queues at once. */
    private void recordSet() {
      Appender appender = probe.appender;
      appender.begin();
      int size = 1 + random.nextInt(10);
      for (int i = 0; i < size; i++) {
        publish(new ArrayList<>(queues.keySet()));
        settleSome(anyQueue());
      }
      appender.end();
      appender.submit();
      history.add("set of " + size);
    }

    private void settleSome(long id) {
      Queue queue = queues.get(id);
      for (int i = random.nextInt(10); i > 0 && !queue.window.isEmpty(); i--) {
        int which = random.nextBoolean() ? 0 : random.nextInt(queue.window.size());
        StoredMessage settled = queue.window.remove(which);
        history.add(
            (which == 0 ? "settled " : "out of order ") + StoreProbe.shown(settled.message()));
        if (settled.sequence() != 0) {
          probe.appender.settle(id, settled.sequence());
          queue.stored.remove(StoreProbe.shown(settled.message()));
        }
      }
    }

    /** A read may bring fewer than there are: reads on until it has as many. */
    private void read(long id, int most) {
      probe.appender.submit();
      long wanted = Math.min(most, probe.log(id).size());
      for (long got = 0; got < wanted; ) {
        List<StoredMessage> read = probe.read(id, (int) (wanted - got));
        got += read.size();
        for (StoredMessage m : read) {
          history.add(
              "read " + id + ": " + StoreProbe.shown(m.message()) + " " + (m.sequence() != 0));
        }
        queues.get(id).window.addAll(read);
      }
    }

    private void purge(long id) {
      probe.appender.submit();
      Queue queue = queues.get(id);
      history.add("purged " + probe.log(id).clear(probe.appender));
      Set<String> kept = new HashSet<>();
      queue.window.forEach(m -> kept.add(StoreProbe.shown(m.message())));
      queue.stored.keySet().retainAll(kept);
    }

    private void delete(long id) {
      purge(id);
      probe.appender.drop(id);
      probe.appender.submit();
      queues.remove(id);
      queues.put(nextQueue++, new Queue());
      history.add("deleted " + id);
    }

    /** After an orderly end everything that is stored and not settled is beyond memory. */
    private void restart() throws IOException {
      probe.commit();
      Map<Long, List<Message>> unsettled = new HashMap<>();
      queues.forEach((id, queue) -> unsettled.put(id, List.copyOf(queue.stored.values())));
      probe = stores.restart(probe, unsettled);
      queues.values().forEach(queue -> queue.window.clear());
      history.add("restarted");
    }
  }
}
