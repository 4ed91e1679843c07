package io.carrick.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import io.carrick.storage.Appender;
import io.carrick.storage.StreamLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Publishes at random to a stream and a queue from two loops, of which the first has the stream,
 * and knows what has to be there. Confined to the test's thread.
 */
final class StreamCrashWorkload {

  static final long STREAM = 5;
  static final long QUEUE = 6;

  private final Random random = new Random(7);
  private final StoreProbe probe;
  private final StreamLog log;
  private final Appender far;

  /** Appended by the other loop, and on the way to the stream's. */
  private final ArrayDeque<Underway> underWay = new ArrayDeque<>();

  private final TreeMap<Long, String> placed = new TreeMap<>();
  private final Set<String> appended = new TreeSet<>();
  private final Set<String> both = new TreeSet<>();
  private final Set<String> queued = new TreeSet<>();
  private final Set<String> settled = new TreeSet<>();
  private final List<Queued> inQueue = new ArrayList<>();
  private final TreeSet<Long> starts = new TreeSet<>();
  private long first;
  private long next;
  private int texts;

  private record Underway(long sequence, Message message) {}

  private record Queued(long sequence, String text) {}

  /**
   * What is in the store. Immutable.
   *
   * @param placed texts by offset, of all that ever were
   * @param unplaced texts that were appended to the stream and have no offset yet
   * @param appended all that were ever appended to the stream
   * @param both those that were appended to the queue as well
   * @param queued texts in the queue
   * @param settled texts that were settled in it
   * @param first the first offset that was not dropped
   */
  record State(
      TreeMap<Long, String> placed,
      Set<String> unplaced,
      Set<String> appended,
      Set<String> both,
      Set<String> queued,
      Set<String> settled,
      long first) {}

  StreamCrashWorkload(StoreProbe probe) {
    this.probe = probe;
    this.log = probe.store.streamLog(STREAM, Runnable::run);
    this.far = probe.store.appender();
  }

  State state() {
    var unplaced = new TreeSet<String>();
    underWay.forEach(u -> unplaced.add(u.message.text()));
    return new State(
        new TreeMap<>(placed),
        unplaced,
        new TreeSet<>(appended),
        new TreeSet<>(both),
        new TreeSet<>(queued),
        new TreeSet<>(settled),
        first);
  }

  /** Some turns of both loops, and then everything is safe. */
  void batch() {
    for (int turns = random.nextInt(3); turns >= 0; turns--) {
      nearTurn();
      farTurn();
    }
    long last = Math.max(far.submit(), probe.appender.submit());
    assertThat(probe.awaitDurable(last)).isTrue();
  }

  private void nearTurn() {
    for (int i = random.nextInt(6); i > 0; i--) {
      if (!underWay.isEmpty() && random.nextBoolean()) {
        Underway arrived = underWay.remove();
        place(arrived.sequence, arrived.message);
      } else {
        Message message = message();
        place(append(probe.appender, message), message);
      }
    }
    if (random.nextInt(12) == 0 && next > first) {
      log.startSegment();
      starts.add(next);
    }
    if (random.nextInt(25) == 0) {
      Long start = starts.floor(next - 1);
      if (start != null && start > first) {
        first = start;
        log.dropBefore(first);
      }
    }
    if (!inQueue.isEmpty() && random.nextInt(3) == 0) {
      Queued one = inQueue.remove(random.nextInt(inQueue.size()));
      probe.appender.settle(QUEUE, one.sequence);
      queued.remove(one.text);
      settled.add(one.text);
    }
    log.flush();
    probe.appender.submit();
  }

  private void farTurn() {
    for (int i = random.nextInt(4); i > 0; i--) {
      Message message = message();
      underWay.add(new Underway(append(far, message), message));
    }
    far.submit();
  }

  private Message message() {
    int length = random.nextInt(100) == 0 ? 10_000 : random.nextInt(200);
    return Message.of(++texts + "-".repeat(length));
  }

  private long append(Appender appender, Message message) {
    boolean toBoth = random.nextInt(3) == 0;
    long[] queues = toBoth ? new long[] {QUEUE, STREAM} : new long[] {STREAM};
    long sequence = appender.append(message, queues, queues.length);
    appended.add(message.text());
    if (toBoth) {
      both.add(message.text());
      queued.add(message.text());
      inQueue.add(new Queued(sequence, message.text()));
    }
    return sequence;
  }

  private void place(long sequence, Message message) {
    probe.appender.place(STREAM, next, sequence);
    log.add(sequence, message);
    placed.put(next++, message.text());
  }

  /** Reads from anywhere what must be there now. */
  void readSome() {
    long from = first + (next == first ? 0 : random.nextInt((int) (next - first)));
    assertThat(readAll(log, from)).isEqualTo(placed.tailMap(from));
  }

  /** Reads all from an offset on. */
  static TreeMap<Long, String> readAll(StreamLog log, long from) {
    var all = new TreeMap<Long, String>();
    long at = from;
    while (true) {
      var read = new CompletableFuture<List<Message>>();
      var first = new long[1];
      log.read(
          at,
          500,
          (offset, messages) -> {
            first[0] = offset;
            read.complete(messages);
          });
      List<Message> messages = read.orTimeout(20, TimeUnit.SECONDS).join();
      if (messages.isEmpty()) {
        return all;
      }
      for (int i = 0; i < messages.size(); i++) {
        all.put(first[0] + i, messages.get(i).text());
      }
      at = first[0] + messages.size();
    }
  }

  /** Adds a message as a stream does, and waits until it is safe. */
  static void add(StoreProbe probe, StreamLog log, long offset, String text) {
    Message message = Message.of(text);
    long sequence = probe.appender.append(message, new long[] {STREAM}, 1);
    probe.appender.place(STREAM, offset, sequence);
    log.add(sequence, message);
    log.flush();
    probe.commit();
  }
}
