package io.carrick.journal;

import io.carrick.Message;
import io.carrick.storage.StreamLog;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * The loop's side of a stream: what is added comes to its files by the log, so here it is only
 * counted. Confined to the stream's loop.
 */
final class JournalStreamLog implements StreamLog {

  private final long queueId;
  private final Executor loop;
  private final Disk disk;
  private final List<Segment> left;
  private final StreamView view = new StreamView();
  private long first;
  private long next;
  private long lastMs;

  /**
   * Who writes and who reads. Immutable.
   *
   * @param compactor writes
   * @param reader reads
   */
  record Disk(Compactor compactor, StreamReader reader) {}

  /**
   * Makes the log of one stream.
   *
   * @param left what an earlier run has left
   */
  JournalStreamLog(long queueId, Executor loop, Disk disk, List<Segment> left) {
    this.queueId = queueId;
    this.loop = loop;
    this.disk = disk;
    this.left = left;
    if (!left.isEmpty()) {
      this.first = left.get(0).first();
      this.next = left.get(left.size() - 1).end();
    }
    disk.compactor.openStream(queueId, view);
  }

  @Override
  public List<Segment> segments() {
    return left;
  }

  @Override
  public void add(long sequence, Message message) {
    next++;
    lastMs = Math.max(lastMs, message.arrivedMs());
  }

  @Override
  public void startSegment() {
    long offset = next;
    long before = lastMs;
    disk.compactor.withStream(queueId, (stream, with) -> stream.startsFile(offset, before));
  }

  @Override
  public void flush() {}

  @Override
  public void dropBefore(long offset) {
    first = Math.max(first, offset);
    disk.compactor.withStream(queueId, (stream, with) -> stream.dropBefore(offset, with));
  }

  @Override
  public void read(long from, long maxBytes, Reader reader) {
    long at = Math.max(from, first);
    if (at >= next) {
      reader.read(at, List.of());
    } else if (view.end() > at) {
      readWritten(at, maxBytes, reader);
    } else {
      disk.compactor.withStream(
          queueId,
          (stream, with) -> stream.whenWritten(at, () -> readWritten(at, maxBytes, reader)));
    }
  }

  private void readWritten(long at, long maxBytes, Reader reader) {
    disk.reader.read(
        view, at, maxBytes, (first, messages) -> toLoop(() -> reader.read(first, messages)));
  }

  private void toLoop(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException closed) {
      // The broker has closed: nobody waits any more.
    }
  }

  /** Its files go when the log says that the queue is dropped. */
  @Override
  public void close() {
    first = next;
  }
}
