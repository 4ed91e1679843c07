package io.carrick.transport;

import io.carrick.spi.Loop;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The timers of one loop, a binary heap in which each timer knows its place, so that cancelling one
 * does not search. Confined to its loop.
 */
final class TimerQueue {

  private static final LoopTimer[] NONE = {};

  private @Nullable LoopTimer[] heap = NONE;
  private int size;
  private long nextOrder;

  boolean isEmpty() {
    return size == 0;
  }

  /** Returns when the first is due; there must be one. */
  long firstDeadline() {
    return at(0).deadlineNanos;
  }

  /** Returns what tells the timers that are there now from later ones. */
  long mark() {
    return nextOrder;
  }

  void add(LoopTimer timer) {
    if (timer.cancelled()) {
      return; // cancelled by another thread on its way here
    }
    timer.order = nextOrder++;
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, Math.max(8, size * 2));
    }
    siftUp(size++, timer);
  }

  void remove(LoopTimer timer) {
    int index = timer.index;
    if (index < 0) {
      return;
    }
    timer.index = -1;
    LoopTimer last = at(--size);
    heap[size] = null;
    if (last != timer) {
      siftUp(index, last);
      if (heap[index] == last) {
        siftDown(index, last);
      }
    }
    if (size == 0) {
      heap = NONE;
    }
  }

  /**
   * Runs what is due and was there at the mark, in order of time, then of scheduling.
   *
   * @param mark as {@link #mark()} gave it
   * @return how many ran
   */
  int runDue(long nowNanos, long mark) {
    int ran = 0;
    while (size > 0) {
      LoopTimer first = at(0);
      if (first.deadlineNanos - nowNanos > 0 || first.order >= mark) {
        break;
      }
      if (ran > 0 && first.loop.workedEnough()) {
        break; // the rest is still due in the next turn
      }
      remove(first);
      first.run();
      ran++;
    }
    return ran;
  }

  private LoopTimer at(int index) {
    LoopTimer timer = heap[index];
    if (timer == null) {
      throw new IllegalStateException("no timer at " + index + " of " + size);
    }
    return timer;
  }

  private void siftUp(int from, LoopTimer timer) {
    int index = from;
    while (index > 0) {
      int parent = (index - 1) >>> 1;
      LoopTimer above = at(parent);
      if (!timer.before(above)) {
        break;
      }
      put(index, above);
      index = parent;
    }
    put(index, timer);
  }

  private void siftDown(int from, LoopTimer timer) {
    int index = from;
    int half = size >>> 1;
    while (index < half) {
      int child = 2 * index + 1;
      LoopTimer least = at(child);
      if (child + 1 < size && at(child + 1).before(least)) {
        least = at(++child);
      }
      if (!least.before(timer)) {
        break;
      }
      put(index, least);
      index = child;
    }
    put(index, timer);
  }

  private void put(int index, LoopTimer timer) {
    heap[index] = timer;
    timer.index = index;
  }

  /** A task that waits for its time. Its place is confined to the loop, cancelling is not. */
  static final class LoopTimer implements Loop.Timer {

    private final NettyLoop loop;
    private final long deadlineNanos;
    private volatile @Nullable Runnable task;
    private long order;
    private int index = -1;

    LoopTimer(NettyLoop loop, long deadlineNanos, Runnable task) {
      this.loop = loop;
      this.deadlineNanos = deadlineNanos;
      this.task = task;
    }

    @Override
    public void cancel() {
      if (task != null) {
        task = null;
        loop.forget(this);
      }
    }

    boolean cancelled() {
      return task == null;
    }

    private void run() {
      Runnable due = task;
      if (due != null) {
        task = null;
        loop.runSafely(due);
      }
    }

    private boolean before(LoopTimer other) {
      long apart = deadlineNanos - other.deadlineNanos;
      return apart < 0 || (apart == 0 && order < other.order);
    }
  }
}
