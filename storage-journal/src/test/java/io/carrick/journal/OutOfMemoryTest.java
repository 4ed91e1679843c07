package io.carrick.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.journal.MemoryFiles.Survival;
import io.carrick.storage.Appender;
import io.carrick.storage.MessageCodec;
import io.carrick.storage.MessageStore.State;
import io.carrick.storage.PlainCodec;
import io.carrick.storage.StoreContext;
import io.carrick.storage.StoredMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Memory runs out at every place at which a record is made, and at every use of a file in any
 * thread: a record is in the log whole or not at all, a record set too, what was confirmed is
 * there, and whoever waits is told.
 */
class OutOfMemoryTest {

  private static final long ONE = 1;
  private static final long OTHER = 2;

  /** Burns through at one step of what is counted. Confined to the test's thread. */
  private static final class Fuse implements MessageCodec {
    private final PlainCodec codec = new PlainCodec();
    private int left;

    Fuse(int steps) {
      left = steps;
    }

    boolean burnt() {
      return left <= 0;
    }

    void step() {
      if (--left == 0) {
        throw new OutOfMemoryError("on purpose");
      }
    }

    Output buffer(int capacity) {
      step();
      var out =
          new Output(capacity) {
            @Override
            void room(int more) {
              step();
              super.room(more);
            }
          };
      out.skip(Block.HEADER_BYTES);
      return out;
    }

    @Override
    public byte[] head(Message message) {
      step();
      return codec.head(message);
    }

    @Override
    public Message message(byte[] head, byte[] payload) {
      return codec.message(head, payload);
    }

    @Override
    public byte[] tag(Object tag) {
      return codec.tag(tag);
    }

    @Override
    public @Nullable Object tag(byte[] bytes) {
      return codec.tag(bytes);
    }
  }

  /** What is in a store: definitions, and texts by queue and sequence. */
  private record Content(Map<String, String> definitions, Map<Long, Map<Long, String>> queues) {

    Content() {
      this(new TreeMap<>(), new TreeMap<>());
    }

    Content copy() {
      var copy = new Content(new TreeMap<>(definitions), new TreeMap<>());
      queues.forEach((id, messages) -> copy.queues.put(id, new TreeMap<>(messages)));
      copy.queues.values().removeIf(Map::isEmpty);
      return copy;
    }

    static Content of(MemoryFiles files) throws IOException {
      try (var probe = new StoreProbe(files)) {
        var content = new Content(new TreeMap<>(probe.definitions), new TreeMap<>());
        for (long queue : probe.counts.keySet()) {
          var messages = new TreeMap<Long, String>();
          probe.readAll(queue).forEach(m -> messages.put(m.sequence(), m.message().text()));
          content.queues.put(queue, messages);
        }
        return content;
      }
    }
  }

  /** Uses an appender, whose calls may throw, and knows what is to be there. */
  private static final class Use {
    private final Fuse fuse;
    private final StoreProbe probe;
    private final Appender appender;
    private final MemoryFiles files;

    private final Content content = new Content();
    private Content confirmed = new Content();
    private int texts;

    Use(Fuse fuse, MemoryFiles files) throws IOException {
      this.fuse = fuse;
      this.files = files;
      this.probe =
          new StoreProbe(
              JournalStore.open(
                  files, StoreProbe.SMALL, new StoreContext(fuse, Limits.defaults())));
      this.appender = ((JournalStore) probe.store).appender(fuse::buffer);
    }

    boolean failed() {
      return probe.store.state() == State.FAILED;
    }

    private static boolean thrown(Runnable call) {
      try {
        call.run();
        return false;
      } catch (OutOfMemoryError e) {
        return true;
      }
    }

    void append(int bytes, long... queues) {
      Message message = Message.of(++texts + "-".repeat(bytes));
      long[] sequence = new long[1];
      if (!thrown(() -> sequence[0] = appender.append(message, queues, queues.length))) {
        for (long queue : queues) {
          content
              .queues
              .computeIfAbsent(queue, id -> new TreeMap<>())
              .put(sequence[0], message.text());
        }
      }
    }

    /** Settles the first message of a queue, and the one behind the next. */
    void settleTwo(long queue) {
      for (int i = 0; i < 2; i++) {
        Map<Long, String> there = content.queues.getOrDefault(queue, Map.of());
        if (there.size() > i) {
          long sequence = there.keySet().stream().skip(i).findFirst().orElseThrow();
          if (!thrown(() -> appender.settle(queue, sequence))) {
            there.remove(sequence);
          }
        }
      }
    }

    void put(String key) {
      String value = "v" + ++texts;
      if (!thrown(() -> appender.put("t", key, value.getBytes()))) {
        content.definitions.put("t/" + key, value);
      }
    }

    void delete(String key) {
      if (!thrown(() -> appender.delete("t", key))) {
        content.definitions.remove("t/" + key);
      }
    }

    void drop(long queue) {
      if (!thrown(() -> appender.drop(queue))) {
        content.queues.remove(queue);
      }
    }

    /** What is added until the end is there all or none. */
    void set(Runnable changes) {
      Content before = content.copy();
      boolean[] broken = {thrown(appender::begin)};
      if (broken[0]) {
        return;
      }
      try {
        changes.run();
      } catch (IllegalStateException nothingMoreIsTaken) {
        broken[0] = true;
      } finally {
        appender.end();
      }
      if (broken[0]) {
        content.definitions.clear();
        content.definitions.putAll(before.definitions);
        content.queues.clear();
        content.queues.putAll(before.queues);
      }
    }

    void commit() {
      long[] last = {0};
      if (thrown(() -> last[0] = appender.submit())) {
        assertThat(failed()).as("failed").isTrue();
      } else if (probe.awaitDurable(last[0])) {
        confirmed = content.copy();
      }
    }

    /** Goes on after whatever was thrown, and ends. */
    void check(String when) throws IOException {
      boolean failed = failed();
      if (!failed) {
        append(10, ONE);
        commit();
        failed = failed();
      }
      if (failed) {
        assertThat(probe.store.failure()).containsInstanceOf(OutOfMemoryError.class);
      }
      MemoryFiles killed = files.killed();
      MemoryFiles crashed = files.crashedAfter(files.operations(), Survival.NONE);
      probe.close();
      assertThat(Content.of(killed)).as("killed, %s", when).isEqualTo(confirmed);
      assertThat(Content.of(crashed)).as("crashed, %s", when).isEqualTo(confirmed);
      assertThat(Content.of(files.killed())).as("closed, %s", when).isEqualTo(confirmed);
    }
  }

  /** One run, all of whose steps are gone through. */
  private interface Script {
    void run(Use use);
  }

  /** Runs a script again and again, with memory running out one step later each time. */
  private static Map<Boolean, Integer> atEveryStep(Script script) throws IOException {
    var failures = new HashMap<Boolean, Integer>();
    for (int steps = 1; ; steps++) {
      var fuse = new Fuse(steps);
      var use = new Use(fuse, new MemoryFiles());
      script.run(use);
      boolean through = !fuse.burnt();
      if (!through) {
        failures.merge(use.failed(), 1, Integer::sum);
      }
      use.check("at step " + steps);
      if (through) {
        return failures;
      }
    }
  }

  @Test
  void aRecordThatRunsOutOfMemoryAnywhereIsNotThereInPartAndTheNextOnesAre() throws IOException {
    Map<Boolean, Integer> failures =
        atEveryStep(
            use -> {
              use.append(20, ONE);
              use.append(200, ONE, OTHER);
              use.put("kept");
              use.put("deleted");
              use.commit();
              use.settleTwo(ONE);
              use.append(100, ONE);
              use.settleTwo(OTHER);
              use.delete("deleted");
              // More than a block, then more than a segment.
              use.append(40_000, ONE);
              use.append(40_000, OTHER);
              use.append(70_000, ONE);
              use.drop(OTHER);
              use.append(10, ONE);
              use.commit();
            });

    assertThat(failures.get(false)).as("gone on").isGreaterThan(40);
    assertThat(failures.getOrDefault(true, 0)).as("failed in submitting").isLessThan(10);
  }

  @Test
  void aRecordSetIsThereAllOrNone() throws IOException {
    Map<Boolean, Integer> failures =
        atEveryStep(
            use -> {
              use.append(20, ONE);
              use.append(20, ONE);
              use.commit();
              use.append(20, OTHER);
              use.set(
                  () -> {
                    use.append(200, ONE, OTHER);
                    use.settleTwo(ONE);
                    use.put("kept");
                    use.append(70_000, ONE);
                  });
              use.append(10, ONE);
              use.commit();
            });

    assertThat(failures.get(true)).as("failed").isGreaterThan(10);
    assertThat(failures.get(false)).as("gone on").isGreaterThan(10);
  }

  @Test
  void whatIsInARecordSetThatCouldNotBeBegunIsRefused() throws IOException {
    var fuse = new Fuse(1);
    try (var probe =
        new StoreProbe(
            JournalStore.open(
                new MemoryFiles(), StoreProbe.SMALL, new StoreContext(fuse, Limits.defaults())))) {
      probe.appender.begin();
      assertThatThrownBy(() -> probe.append("first", ONE)).isInstanceOf(OutOfMemoryError.class);
      assertThatThrownBy(() -> probe.append("second", ONE))
          .isInstanceOf(IllegalStateException.class);
      probe.appender.end();
      probe.append("third", ONE);
      probe.commit();

      assertThat(probe.store.state()).isEqualTo(State.OPEN);
      assertThat(probe.store.failure()).isEmpty();
    }
  }

  // ---- in the store's threads

  /** Stores, spills, reads and settles; returns what is confirmed, as far as it came. */
  private static Map<Long, String> load(StoreProbe probe) {
    var confirmed = new TreeMap<Long, String>();
    var added = new TreeMap<Long, String>();
    for (int i = 0; i < 60; i++) {
      String text = "m" + i + "-".repeat(1_500);
      long sequence = probe.append(text, ONE, OTHER);
      added.put(sequence, text);
      var message = new StoredMessage(sequence, Message.of(text), null);
      probe.log(ONE).add(message);
      if (i % 2 == 0) {
        probe.log(OTHER).add(message);
      }
      if (i % 8 == 7) {
        if (!probe.awaitDurable(probe.appender.submit())) {
          return confirmed;
        }
        confirmed.putAll(added);
      }
      if (i % 24 == 23) {
        for (StoredMessage m : probe.read(OTHER, 5)) {
          probe.appender.settle(OTHER, m.sequence());
        }
      }
    }
    return confirmed;
  }

  @Test
  void anErrorInAnyThreadFailsTheStoreAndNobodyWaitsForEverAndNothingConfirmedIsLost()
      throws IOException {
    int failed = 0;
    boolean came = true;
    for (int operation = 1; came; operation += 1 + operation / 50) {
      int at = operation;
      var files = new MemoryFiles();
      var probe = new StoreProbe(files);
      files.errorAt(at);
      var told = new AtomicInteger();
      probe.store.wakeWhenFailed(told::incrementAndGet);
      Map<Long, String> confirmed =
          assertTimeoutPreemptively(Duration.ofSeconds(60), () -> load(probe), "at " + at);
      assertTimeoutPreemptively(
          Duration.ofSeconds(60),
          () -> {
            try {
              probe.close();
            } catch (IOException | Error e) {
              assertThat(e).as("at %d", at).hasMessageContaining("on purpose");
            }
          },
          "closing, at " + at);
      came = files.errorCame();
      boolean hasFailed = probe.store.state() == State.FAILED;
      if (hasFailed) {
        failed++;
        assertThat(told).as("told, at %d", at).hasValue(1);
        assertThat(probe.store.failure()).isPresent();
      }
      assertThat(FaultTest.journalThreads()).as("threads, at %d", at).isEmpty();
      try (var again = new StoreProbe(files.killed())) {
        var there = new TreeMap<Long, String>();
        again.readAll(ONE).forEach(m -> there.put(m.sequence(), m.message().text()));
        assertThat(there).as("at %d", at).containsAllEntriesOf(confirmed);
      }
    }
    assertThat(failed).isGreaterThan(20);
  }
}
