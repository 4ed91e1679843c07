package io.carrick.journal;

import io.carrick.storage.Appender;
import io.carrick.storage.MessageCodec;
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
 * keeper in chunks, which it asks for what comes next. Confined to the queue's loop.
 */
final class JournalQueueLog implements QueueLog {

  private static final int CHUNK_MESSAGES = 2_048;

  private final long queueId;
  private final Executor loop;
  private final Keeper keeper;
  private final MessageCodec codec;
  private final int chunkBytes;

  // what the keeper has
  private long keptMessages;
  private long keptBytes;

  // what is still here, behind it
  private final ArrayDeque<StoredMessage> tail = new ArrayDeque<>();
  private long tailBytes;

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
    this.keeper = disk.keeper;
    this.codec = disk.codec;
    this.chunkBytes = disk.chunkBytes;
    this.keptMessages = left.messages();
    this.keptBytes = left.bytes();
  }

  /**
   * Where messages go. Immutable.
   *
   * @param keeper who takes them
   * @param codec how they become bytes
   * @param chunkBytes how many payload bytes go at once
   */
  record Disk(Keeper keeper, MessageCodec codec, int chunkBytes) {}

  /** How much there is. Immutable. */
  record Extent(long messages, long bytes) {
    static final Extent NOTHING = new Extent(0, 0);
  }

  @Override
  public void add(StoredMessage message) {
    tail.add(message);
    tailBytes += message.message().payload().length;
    if (tailBytes >= chunkBytes || tail.size() >= CHUNK_MESSAGES) {
      try {
        handOver();
      } catch (RuntimeException | Error e) {
        keeper.cannotTake(e);
        throw e;
      }
    }
  }

  private void handOver() {
    int count = tail.size();
    int overhead = 64 * count;
    keeper.add(queueId, Chunk.of(List.copyOf(tail), codec, (int) (tailBytes + overhead)));
    keptMessages += count;
    keptBytes += tailBytes;
    tail.clear();
    tailBytes = 0;
  }

  @Override
  public void readNext(int maxMessages, long maxBytes, Reader reader) {
    if (keptMessages > 0) {
      underWay = new Request(maxMessages, maxBytes, reader, keptMessages);
      int asked = generation;
      keeper.read(
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
      keeper.forget(queueId, messages);
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
      keeper.clear(queueId);
    }
    for (StoredMessage m : tail) {
      if (m.sequence() != 0) {
        appender.settle(queueId, m.sequence());
      }
    }
    generation++;
    underWay = null;
    tail.clear();
    tailBytes = 0;
    keptMessages = 0;
    keptBytes = 0;
    return cleared;
  }
}
