package io.carrick.journal;

import io.carrick.storage.Appender;
import io.carrick.storage.QueueLog;
import io.carrick.storage.StoredMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The loop's side of what a queue has out of memory: collects what comes in and hands it to the
 * compactor in chunks, which it asks for what comes next. Confined to the queue's loop.
 */
final class JournalQueueLog implements QueueLog {

  private static final int CHUNK_MESSAGES = 2_048;

  /** How often its share of memory a queue may have of what other queues seem to have as well. */
  private static final int MOST_SHARED = 4;

  private final long queueId;
  private final Executor loop;
  private final Compactor compactor;
  private final Tails tails;

  // what the compactor has
  private long keptMessages;
  private long keptBytes;

  // what is still here, behind it
  private final ArrayDeque<StoredMessage> tail = new ArrayDeque<>();
  private long tailBytes;

  /**
   * What they hold in memory, of which other queues hold some as well; at least since it was empty.
   */
  private long tailHeld;

  private int generation;
  private @Nullable Request underWay;

  private record Request(int maxMessages, long maxBytes, Reader reader, long keptBefore) {}

  /**
   * Makes the log of one queue.
   *
   * @param left what an earlier run has left
   */
  JournalQueueLog(long queueId, Executor loop, Disk disk, Extent left) {
    this.queueId = queueId;
    this.loop = loop;
    this.compactor = disk.compactor;
    this.tails = disk.tails;
    this.keptMessages = left.messages();
    this.keptBytes = left.bytes();
  }

  /**
   * Where messages go. Immutable.
   *
   * @param compactor who takes them
   * @param tails how many bytes go at once
   */
  record Disk(Compactor compactor, Tails tails) {}

  /** How much there is. Immutable. */
  record Extent(long messages, long bytes) {
    static final Extent NOTHING = new Extent(0, 0);
  }

  @Override
  public void add(StoredMessage message) {
    if (tail.isEmpty()) {
      tailHeld = 0;
    }
    tail.add(message);
    if (tail.size() == 1) {
      tails.begun();
    }
    int bytes = message.message().payload().length;
    tailBytes += bytes;
    tailHeld += Leaving.EACH_BYTES + (tails.counts(message.sequence()) ? bytes : 0);
    long share = tails.share();
    if (tailHeld >= share || tailBytes >= MOST_SHARED * share || tail.size() >= CHUNK_MESSAGES) {
      try {
        handOver();
      } catch (RuntimeException | Error e) {
        compactor.cannotTake(e);
        throw e;
      }
    }
  }

  private void handOver() {
    int count = tail.size();
    compactor.add(queueId, Leaving.of(List.copyOf(tail), tailHeld));
    keptMessages += count;
    keptBytes += tailBytes;
    forgetTail();
  }

  private void forgetTail() {
    if (!tail.isEmpty()) {
      tails.ended();
      tail.clear();
    }
    tailBytes = 0;
  }

  @Override
  public void readNext(int maxMessages, long maxBytes, Reader reader) {
    if (keptMessages > 0) {
      underWay = new Request(maxMessages, maxBytes, reader, keptMessages);
      int asked = generation;
      compactor.read(
          queueId,
          maxMessages,
          maxBytes,
          (messages, all) -> toLoop(() -> arrived(asked, messages, all)));
    } else {
      reader.read(takeTail(maxMessages, maxBytes));
    }
  }

  private void toLoop(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException closed) {
      // The broker has closed: nobody waits any more.
    }
  }

  private void arrived(int asked, List<StoredMessage> messages, boolean all) {
    Request request = underWay;
    if (asked != generation || request == null) {
      compactor.forget(queueId, messages);
      return;
    }
    underWay = null;
    keptMessages -= all ? request.keptBefore : messages.size();
    for (StoredMessage m : messages) {
      keptBytes -= m.message().payload().length;
    }
    if (keptMessages == 0 || keptBytes < 0) {
      keptBytes = 0;
    }
    if (messages.isEmpty()) {
      readNext(request.maxMessages, request.maxBytes, request.reader);
    } else {
      request.reader.read(messages);
    }
  }

  private List<StoredMessage> takeTail(int maxMessages, long maxBytes) {
    var taken = new ArrayList<StoredMessage>(Math.min(maxMessages, tail.size()));
    long bytes = 0;
    while (taken.size() < maxMessages && bytes < maxBytes) {
      StoredMessage next = tail.poll();
      if (next == null) {
        break;
      }
      bytes += next.message().payload().length;
      taken.add(next);
    }
    tailBytes -= bytes;
    if (!taken.isEmpty() && tail.isEmpty()) {
      tails.ended();
    }
    return taken;
  }

  @Override
  public long size() {
    return keptMessages + tail.size();
  }

  @Override
  public long bytes() {
    return keptBytes + tailBytes;
  }

  @Override
  public long clear(Appender appender) {
    long cleared = size();
    if (keptMessages > 0) {
      compactor.clear(queueId);
    }
    for (StoredMessage m : tail) {
      if (m.sequence() != 0) {
        appender.settle(queueId, m.sequence());
      }
    }
    generation++;
    underWay = null;
    forgetTail();
    keptMessages = 0;
    keptBytes = 0;
    return cleared;
  }
}
