package io.carrick.engine.tracing;

import io.carrick.TraceEvent;
import io.carrick.TraceListener;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings events to a listener, elsewhere than in a loop and one at a time, within a bound. Guarded
 * by {@code this}, held for memory work only.
 */
public final class EventFeed {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.client");

  private final TraceListener listener;
  private final Executor executor;
  private final int most;
  private final ArrayDeque<TraceEvent> waiting = new ArrayDeque<>();
  private boolean running;
  private boolean closed;
  private long missed;

  /**
   * Makes a feed.
   *
   * @param executor where the listener is called
   * @param most how many events may wait for it
   */
  public EventFeed(TraceListener listener, Executor executor, int most) {
    this.listener = listener;
    this.executor = executor;
    this.most = most;
  }

  /** Returns the feed of nobody. */
  public static EventFeed toNobody() {
    var feed = new EventFeed(event -> {}, Runnable::run, 0);
    feed.close();
    return feed;
  }

  void add(TraceEvent event) {
    synchronized (this) {
      if (closed) {
        return;
      } else if (waiting.size() >= most) {
        missed++;
        return;
      }
      waiting.add(event);
      if (running) {
        return;
      }
      running = true;
    }
    try {
      executor.execute(this::work);
    } catch (RejectedExecutionException brokerClosed) {
      close();
    }
  }

  private void work() {
    for (TraceEvent next = next(); next != null; next = next()) {
      try {
        listener.onEvent(next);
      } catch (RuntimeException | AssertionError | LinkageError failure) {
        log.warn("the listener of a trace has failed", failure);
      }
    }
  }

  private synchronized @Nullable TraceEvent next() {
    TraceEvent next = waiting.poll();
    running = next != null;
    return next;
  }

  synchronized long missed() {
    return missed;
  }

  synchronized void close() {
    closed = true;
    waiting.clear();
  }
}
