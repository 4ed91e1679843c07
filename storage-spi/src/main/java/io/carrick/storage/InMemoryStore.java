package io.carrick.storage;

import io.carrick.Message;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A store that lives and dies with the process: whatever is appended counts as durable at once.
 * Thread-safe; the appenders share one counter, everything else is confined to a queue's loop.
 */
final class InMemoryStore implements MessageStore {

  private final AtomicLong sequence = new AtomicLong();

  @Override
  public void recover(Recovery recovery) {}

  @Override
  public Appender appender() {
    return new CountingAppender(sequence);
  }

  @Override
  public boolean outlivesProcess() {
    return false;
  }

  @Override
  public QueueLog queueLog(long queueId, Executor loop) {
    return new InMemoryLog();
  }

  @Override
  public StreamLog streamLog(long queueId, Executor loop) {
    return new InMemoryStreamLog();
  }

  @Override
  public long durableSequence() {
    return sequence.get();
  }

  @Override
  public void wakeWhenDurable(long wanted, Runnable wake) {
    wake.run();
  }

  @Override
  public State state() {
    return State.OPEN;
  }

  @Override
  public Optional<Throwable> failure() {
    return Optional.empty();
  }

  @Override
  public void wakeWhenFailed(Runnable wake) {
    // It never does.
  }

  @Override
  public boolean congested() {
    return false;
  }

  @Override
  public void wakeWhenRelieved(Runnable wake) {
    wake.run();
  }

  @Override
  public long waitingBytes() {
    return 0;
  }

  @Override
  public long freeBytes() {
    return Long.MAX_VALUE;
  }

  @Override
  public StoreSizes sizes() {
    return StoreSizes.NONE;
  }

  @Override
  public void snapshot(Path directory) throws IOException {
    throw new IOException("there is no snapshot of a store in memory");
  }

  @Override
  public void close() {}

  /** Gives out sequences; the engine's own structures hold the messages. */
  private record CountingAppender(AtomicLong sequence) implements Appender {

    @Override
    public long append(Message message, long[] queueIds, int count) {
      return sequence.incrementAndGet();
    }

    @Override
    public long settle(long queueId, long settled) {
      return sequence.get();
    }

    @Override
    public long place(long queueId, long offset, long placed) {
      return sequence.get();
    }

    @Override
    public long drop(long queueId) {
      return sequence.get();
    }

    @Override
    public long put(String table, String key, byte[] record) {
      return sequence.incrementAndGet();
    }

    @Override
    public long delete(String table, String key) {
      return sequence.incrementAndGet();
    }

    @Override
    public void begin() {}

    @Override
    public void end() {}

    @Override
    public long submit() {
      return sequence.get();
    }
  }

  /** What a queue's window does not hold. Confined to the queue's loop. */
  private static final class InMemoryLog implements QueueLog {

    private ArrayDeque<StoredMessage> messages = new ArrayDeque<>();
    private long bytes;

    @Override
    public void add(StoredMessage message) {
      messages.addLast(message);
      bytes += message.message().payload().length;
    }

    @Override
    public void readNext(int maxMessages, long maxBytes, Reader reader) {
      var batch = new ArrayList<StoredMessage>(Math.min(maxMessages, messages.size()));
      long read = 0;
      while (batch.size() < maxMessages && read < maxBytes) {
        StoredMessage next = messages.pollFirst();
        if (next == null) {
          break;
        }
        read += next.message().payload().length;
        batch.add(next);
      }
      bytes -= read;
      if (messages.isEmpty()) {
        forget();
      }
      reader.read(batch);
    }

    @Override
    public long size() {
      return messages.size();
    }

    @Override
    public long bytes() {
      return bytes;
    }

    @Override
    public long clear(Appender appender) {
      long cleared = messages.size();
      bytes = 0;
      forget();
      return cleared;
    }

    /** Gives back the room that its longest time took. */
    private void forget() {
      messages = new ArrayDeque<>();
    }
  }
}
