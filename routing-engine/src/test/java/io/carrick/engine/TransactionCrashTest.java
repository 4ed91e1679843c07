package io.carrick.engine;

import static io.carrick.engine.RestartableBroker.durable;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.BrokerException;
import io.carrick.engine.TestClient.Consuming;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import io.carrick.spi.Settlement;
import io.carrick.spi.Transaction;
import io.carrick.storage.Disk;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

/**
 * A client that moves messages between queues of two loops in transactions, and then a broker on
 * what is there after a crash at every place: each transaction has happened as a whole or not at
 * all, and those that were answered have.
 */
@Tag("amqp091:tx.commit")
class TransactionCrashTest {

  @Property(tries = 6)
  void eachMessageIsInOneQueueWithAllThatMovedWithIt(@ForAll long seed) {
    new Movements(seed).run();
  }

  /** What one client moves on one disk. Confined to the test's thread. */
  private static final class Movements {

    private static final List<String> QUEUES = List.of("near-1", "far-1", "near-2", "far-2");
    private static final int MESSAGES = 12;

    private final RestartableBroker run = new RestartableBroker(new Disk(), 1_000);
    private final TestClient near = run.client("near");
    private final TestClient far = run.farClient("far");
    private final Transaction transaction = near.openTransaction(m -> {});
    private final Map<String, Consuming> consuming = new HashMap<>();

    /**
     * How often each message was moved by a transaction that was answered, by place in the store.
     */
    private final List<Map<String, Integer>> answered = new ArrayList<>();

    private final Map<String, Integer> moved = new HashMap<>();
    private final List<Map<String, Integer>> commits = new ArrayList<>();
    private final Random random;

    Movements(long seed) {
      random = new Random(seed);
    }

    void run() {
      for (String queue : QUEUES) {
        run.declare(queue.startsWith("near") ? near : far, durable(queue));
      }
      for (int i = 0; i < MESSAGES; i++) {
        run.publish(near, "", QUEUES.get(i % QUEUES.size()), i + ".0");
        moved.put(Integer.toString(i), 0);
      }
      for (String queue : QUEUES) {
        consuming.put(queue, near.consume(RestartableBroker.shared(queue)));
      }
      int from = run.disk.durableEntries();
      for (int step = 0; step < 12; step++) {
        note();
        move(1 + random.nextInt(4));
      }
      note();
      for (int place = from; place <= run.disk.durableEntries(); place++) {
        check(place);
      }
    }

    private void note() {
      while (answered.size() <= run.disk.durableEntries()) {
        answered.add(Map.copyOf(moved));
      }
    }

    /** Takes messages from their queues and publishes each to another, all or none. */
    private void move(int count) {
      var next = new HashMap<String, Integer>();
      near.act(
          p -> {
            for (int i = 0; i < count; i++) {
              Consuming source = consuming.get(QUEUES.get(random.nextInt(QUEUES.size())));
              if (!source.ids.isEmpty()) {
                next.putAll(moveOne(source));
              }
            }
            transaction.commit(new Committed(next));
          });
    }

    private Map<String, Integer> moveOne(Consuming source) {
      int which = random.nextInt(source.ids.size());
      String[] text = source.got.remove(which).split("\\.");
      long id = source.ids.remove(which);
      int times = Integer.parseInt(text[1]) + 1;
      String target = QUEUES.get(random.nextInt(QUEUES.size()));
      String again = text[0] + "." + times;
      transaction.publish(near.message("", target, RestartableBroker.PERSISTENT, again), false);
      transaction.settle(source.consumption, id, Settlement.ACCEPT);
      return Map.of(text[0], times);
    }

    /** Notes what a commit has moved. */
    private final class Committed implements Completion<Done> {

      private final Map<String, Integer> now;

      Committed(Map<String, Integer> now) {
        this.now = now;
      }

      @Override
      public void completed(Done value) {
        commits.add(Map.copyOf(now));
        moved.putAll(now);
      }

      @Override
      public void failed(BrokerException reason) {
        throw new AssertionError(reason);
      }
    }

    private void check(int place) {
      var after = new RestartableBroker(run.disk.asOf(place), 3);
      TestClient client = after.client("after");
      var found = new ArrayList<String>();
      for (String queue : QUEUES) {
        after.drain(client, queue).forEach(text -> found.add(text.replace("*", "")));
      }
      var times = new HashMap<String, Integer>();
      for (String text : found) {
        String[] parts = text.split("\\.");
        assertThat(times.put(parts[0], Integer.parseInt(parts[1])))
            .as("%s, once, at %d", text, place)
            .isNull();
      }
      assertThat(new TreeSet<>(times.keySet())).as("at %d", place).hasSize(MESSAGES);
      answered.get(place).forEach((m, n) -> assertThat(times.get(m)).isGreaterThanOrEqualTo(n));
      for (Map<String, Integer> commit : commits) {
        long there =
            commit.entrySet().stream().filter(e -> times.get(e.getKey()) >= e.getValue()).count();
        assertThat(there).as("of %s at %d", commit, place).isIn(0L, (long) commit.size());
      }
    }
  }
}
