package io.carrick.storage;

import io.carrick.Message;
import io.carrick.storage.MessageStore.State;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What outlives brokers in a test: a log of records in memory, with the faults of a real disk. Each
 * broker that opens it gets a store of its own over what is there. Guarded by {@code this}.
 */
public final class Disk implements MessageStore.Factory {

  private final List<Entry> log = new ArrayList<>();
  private final TreeSet<Long> notDurable = new TreeSet<>();
  private final List<Waiter> waiters = new ArrayList<>();
  private final List<Runnable> failureWaits = new ArrayList<>();
  private final Map<Long, DiskStream.Boundaries> segments = new HashMap<>();
  private long lastSequence;
  private int durableEntries;
  private boolean held;
  private State state = State.OPEN;
  private @Nullable Store current;
  private boolean congested;
  private @Nullable Runnable relief;
  private volatile long freeBytes = Long.MAX_VALUE;
  private volatile long waitingBytes;
  private Throwable failure = new IOException("the disk has failed");

  /** Records that are there all or none. Immutable. */
  private record Entry(List<Record> records) {}

  /** One record; a deletion has no bytes. */
  private record Record(
      Kind kind,
      long sequence,
      long[] queues,
      String table,
      String key,
      byte @Nullable [] bytes,
      @Nullable Image message) {}

  /** A message as bytes. */
  private record Image(byte[] head, byte[] payload) {}

  private enum Kind {
    APPEND,
    SETTLE,
    PLACE,
    DROP,
    DEFINE
  }

  private record Waiter(long sequence, Runnable wake) {}

  /** Opens what is there for a broker; a store that was opened before reaches it no more. */
  @Override
  public synchronized MessageStore open(StoreContext context) {
    Store opened = new Store(context.codec());
    current = opened;
    return opened;
  }

  // ---- faults

  /** From now on nothing becomes durable until {@link #release}. */
  public synchronized void hold() {
    held = true;
  }

  /** Makes everything durable that was submitted. */
  public synchronized void release() {
    held = false;
    sync();
  }

  /** Fails, is full, or is all right again. */
  public synchronized void state(State now) {
    state = now;
    if (now == State.FAILED) {
      wake(Long.MAX_VALUE);
      failureWaits.forEach(Runnable::run);
      failureWaits.clear();
    }
    sync();
  }

  /** Fails for a reason that whoever asks is told. */
  public synchronized void fail(Throwable why) {
    failure = why;
    state(State.FAILED);
  }

  private synchronized void wakeWhenFailed(Runnable wake) {
    failureWaits.add(wake);
    if (state == State.FAILED) {
      state(State.FAILED);
    }
  }

  /** Has more under way than it likes, or has not. */
  public void congested(boolean now) {
    Runnable waiting;
    synchronized (this) {
      congested = now;
      waiting = now ? null : relief;
      relief = null;
    }
    if (waiting != null) {
      waiting.run();
    }
  }

  /** Has room for as many more bytes, as whoever asks is told. */
  public void freeBytes(long bytes) {
    freeBytes = bytes;
  }

  /** Holds as many bytes in memory, as whoever asks is told. */
  public void waitingBytes(long bytes) {
    waitingBytes = bytes;
  }

  /** The power fails: what is not durable is lost, and the broker reaches the disk no more. */
  public synchronized void crash() {
    current = null;
    log.subList(durableEntries, log.size()).clear();
    notDurable.clear();
    waiters.clear();
    held = false;
    state = State.OPEN;
  }

  /** Returns how often streams have been read. */
  public synchronized long streamReads() {
    return segments.values().stream().mapToLong(DiskStream.Boundaries::reads).sum();
  }

  /** Returns how many entries are durable: a place for {@link #asOf}. */
  public synchronized int durableEntries() {
    return durableEntries;
  }

  /** Returns the keys of the definitions that are in a table. */
  public synchronized List<String> keys(String table) {
    return new Content()
        .definitions.values().stream()
            .filter(r -> r.table.equals(table) && r.bytes != null)
            .map(r -> r.key)
            .toList();
  }

  /** Returns a disk as this one was when it had so many durable entries. */
  public synchronized Disk asOf(int entries) {
    var earlier = new Disk();
    earlier.log.addAll(log.subList(0, entries));
    earlier.durableEntries = entries;
    earlier.lastSequence = lastSequence;
    earlier.segments.putAll(segments);
    return earlier;
  }

  // ---- what stores do

  private synchronized void submit(Store from, List<Entry> batch) {
    if (from == current) {
      log.addAll(batch);
      sync();
    }
  }

  private synchronized long draw(Store from) {
    long sequence = ++lastSequence;
    if (from == current) {
      notDurable.add(sequence);
    }
    return sequence;
  }

  private void sync() {
    if (held || state == State.FAILED) {
      return;
    }
    for (; durableEntries < log.size(); durableEntries++) {
      log.get(durableEntries).records.forEach(r -> notDurable.remove(r.sequence));
    }
    wake(durable());
  }

  private void wake(long durable) {
    var woken = waiters.stream().filter(w -> w.sequence <= durable).toList();
    waiters.removeAll(woken);
    woken.forEach(w -> w.wake.run());
  }

  private synchronized long durable() {
    return notDurable.isEmpty() ? lastSequence : notDurable.first() - 1;
  }

  private synchronized void wait(long sequence, Runnable wake) {
    if (sequence <= durable() || state == State.FAILED) {
      wake.run();
    } else {
      waiters.add(new Waiter(sequence, wake));
    }
  }

  /** What the log says. Not shared. */
  private final class Content {
    private final Map<String, Record> definitions = new HashMap<>();
    private final Map<Long, TreeMap<Long, Image>> queues = new TreeMap<>();
    private final Map<Long, Map<Long, Long>> places = new HashMap<>();

    Content() {
      for (Entry entry : log.subList(0, durableEntries)) {
        entry.records.forEach(this::apply);
      }
    }

    private void apply(Record r) {
      switch (r.kind) {
        case APPEND -> {
          for (long queue : r.queues) {
            queues.computeIfAbsent(queue, q -> new TreeMap<>()).put(r.sequence, message(r));
          }
        }
        case SETTLE -> queues.getOrDefault(r.queues[0], new TreeMap<>()).remove(r.queues[1]);
        case PLACE ->
            places.computeIfAbsent(r.queues[0], q -> new HashMap<>()).put(r.queues[2], r.queues[1]);
        case DROP -> queues.remove(r.queues[0]);
        case DEFINE ->
            definitions.merge(r.table + '\0' + r.key, r, (a, b) -> a.sequence > b.sequence ? a : b);
      }
    }
  }

  private static Image message(Record r) {
    return Objects.requireNonNull(r.message);
  }

  /** The disk as one broker has it. Thread-safe. */
  private final class Store implements MessageStore {

    private final MessageCodec codec;
    private final Map<Long, TreeMap<Long, Image>> recovered = new HashMap<>();
    private final Map<Long, Map<Long, Long>> places = new HashMap<>();

    Store(MessageCodec codec) {
      this.codec = codec;
    }

    @Override
    public void recover(Recovery recovery) {
      var content = new Content();
      for (Record r : content.definitions.values()) {
        if (r.bytes != null) {
          recovery.definition(r.table, r.key, r.bytes);
        }
      }
      recovered.putAll(content.queues);
      places.putAll(content.places);
      recovered.forEach((queue, messages) -> recovery.queue(queue, messages.size()));
    }

    @Override
    public boolean outlivesProcess() {
      return true;
    }

    @Override
    public Appender appender() {
      return new Batch(this);
    }

    @Override
    public QueueLog queueLog(long queueId, Executor loop) {
      var queueLog = new Log(queueId, codec, loop);
      recovered
          .getOrDefault(queueId, new TreeMap<>())
          .forEach((sequence, image) -> queueLog.add(sequence, image));
      return queueLog;
    }

    @Override
    public StreamLog streamLog(long queueId, Executor loop) {
      DiskStream.Boundaries boundaries;
      synchronized (Disk.this) {
        boundaries = segments.computeIfAbsent(queueId, q -> new DiskStream.Boundaries());
      }
      var stream = new DiskStream(codec, loop, boundaries);
      TreeMap<Long, Image> appended = recovered.getOrDefault(queueId, new TreeMap<>());
      DiskStream.inOrder(appended, places.getOrDefault(queueId, Map.of()))
          .forEach(
              (offset, sequence) -> {
                Image image = Objects.requireNonNull(appended.get(sequence));
                stream.recovered(offset, image.head, image.payload);
              });
      return stream;
    }

    @Override
    public long durableSequence() {
      return durable();
    }

    @Override
    public void wakeWhenDurable(long sequence, Runnable wake) {
      Disk.this.wait(sequence, wake);
    }

    @Override
    public State state() {
      synchronized (Disk.this) {
        return state;
      }
    }

    @Override
    public Optional<Throwable> failure() {
      synchronized (Disk.this) {
        return state == State.FAILED ? Optional.of(failure) : Optional.empty();
      }
    }

    @Override
    public void wakeWhenFailed(Runnable wake) {
      Disk.this.wakeWhenFailed(wake);
    }

    @Override
    public boolean congested() {
      synchronized (Disk.this) {
        return congested;
      }
    }

    @Override
    public void wakeWhenRelieved(Runnable wake) {
      synchronized (Disk.this) {
        if (congested) {
          relief = wake;
          return;
        }
      }
      wake.run();
    }

    @Override
    public long waitingBytes() {
      return waitingBytes;
    }

    @Override
    public long freeBytes() {
      return freeBytes;
    }

    @Override
    public StoreSizes sizes() {
      return StoreSizes.NONE;
    }

    @Override
    public void snapshot(Path directory) throws IOException {
      throw new IOException("this disk has no directories");
    }

    @Override
    public void close() {
      synchronized (Disk.this) {
        if (current == this) {
          release();
          current = null;
        }
      }
    }
  }

  /** Confined to a loop. */
  private final class Batch implements Appender {

    private final Store store;
    private List<Entry> entries = new ArrayList<>();
    private List<Record> set = new ArrayList<>();
    private int depth;
    private long last;

    Batch(Store store) {
      this.store = store;
    }

    private long add(
        Kind kind,
        long[] queues,
        String table,
        String key,
        byte @Nullable [] bytes,
        @Nullable Image message) {
      last = draw(store);
      set.add(new Record(kind, last, queues, table, key, bytes, message));
      if (depth == 0) {
        closeSet();
      }
      return last;
    }

    private void closeSet() {
      if (!set.isEmpty()) {
        entries.add(new Entry(set));
        set = new ArrayList<>();
      }
    }

    @Override
    public long append(Message message, long[] queueIds, int count) {
      var image = new Image(store.codec.head(message), message.payload());
      return add(Kind.APPEND, Arrays.copyOf(queueIds, count), "", "", null, image);
    }

    @Override
    public long settle(long queueId, long sequence) {
      return add(Kind.SETTLE, new long[] {queueId, sequence}, "", "", null, null);
    }

    @Override
    public long place(long queueId, long offset, long sequence) {
      return add(Kind.PLACE, new long[] {queueId, offset, sequence}, "", "", null, null);
    }

    @Override
    public long drop(long queueId) {
      return add(Kind.DROP, new long[] {queueId}, "", "", null, null);
    }

    @Override
    public long put(String table, String key, byte[] record) {
      return add(Kind.DEFINE, new long[0], table, key, record, null);
    }

    @Override
    public long delete(String table, String key) {
      return add(Kind.DEFINE, new long[0], table, key, null, null);
    }

    @Override
    public void begin() {
      depth++;
    }

    @Override
    public void end() {
      if (--depth == 0) {
        closeSet();
      }
    }

    @Override
    public long submit() {
      if (depth > 0) {
        throw new IllegalStateException("submitted within a record set");
      }
      if (!entries.isEmpty()) {
        List<Entry> batch = entries;
        entries = new ArrayList<>();
        Disk.this.submit(store, batch);
      }
      return last;
    }
  }

  /** Reads in a later turn, and keeps nothing of a stored message but its bytes. */
  private static final class Log implements QueueLog {

    private final long queueId;
    private final MessageCodec codec;
    private final Executor loop;
    private final ArrayDeque<Unread> waiting = new ArrayDeque<>();
    private long bytes;
    private int generation;

    /** A message, as an object only if it is not stored. */
    private record Unread(long sequence, @Nullable Image stored, @Nullable StoredMessage message) {}

    Log(long queueId, MessageCodec codec, Executor loop) {
      this.queueId = queueId;
      this.codec = codec;
      this.loop = loop;
    }

    void add(long sequence, Image stored) {
      waiting.add(new Unread(sequence, stored, null));
      bytes += stored.payload.length;
    }

    @Override
    public void add(StoredMessage message) {
      if (message.sequence() == 0) {
        waiting.add(new Unread(0, null, message));
        bytes += message.message().payload().length;
      } else {
        add(
            message.sequence(),
            new Image(codec.head(message.message()), message.message().payload()));
      }
    }

    @Override
    public void readNext(int maxMessages, long maxBytes, Reader reader) {
      int asked = generation;
      loop.execute(
          () -> {
            if (asked == generation) {
              reader.read(take(maxMessages, maxBytes));
            }
          });
    }

    private List<StoredMessage> take(int maxMessages, long maxBytes) {
      var batch = new ArrayList<StoredMessage>();
      long read = 0;
      while (batch.size() < maxMessages && read < maxBytes && !waiting.isEmpty()) {
        Unread next = waiting.remove();
        StoredMessage message =
            next.stored == null
                ? Objects.requireNonNull(next.message)
                : new StoredMessage(
                    next.sequence, codec.message(next.stored.head, next.stored.payload), null);
        read += message.message().payload().length;
        batch.add(message);
      }
      bytes -= read;
      return batch;
    }

    @Override
    public long size() {
      return waiting.size();
    }

    @Override
    public long bytes() {
      return bytes;
    }

    @Override
    public long clear(Appender appender) {
      generation++;
      long cleared = waiting.size();
      for (Unread w : waiting) {
        if (w.sequence != 0) {
          appender.settle(queueId, w.sequence);
        }
      }
      waiting.clear();
      bytes = 0;
      return cleared;
    }
  }
}
