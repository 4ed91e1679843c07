package io.carrick.engine.topology;

import io.carrick.engine.definitions.Definitions;
import io.carrick.engine.definitions.StoredLife;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.Queue;
import io.carrick.spi.Loop.Timer;
import io.carrick.spi.SessionEnd;
import io.carrick.spi.SessionListener;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * How long the sessions of a virtual host outlive their clients, and who is told of their end. The
 * map and the list are thread-safe, a life is confined to the loop of its queue.
 */
public final class SessionLives {

  /** A time that never ends. */
  public static final long FOR_EVER = Long.MAX_VALUE;

  private final String virtualHost;
  private final Definitions definitions;

  /** Of the queues that do not live for ever, by their ids. */
  private final Map<Long, Life> lives = new ConcurrentHashMap<>();

  private final List<SessionListener> listeners = new CopyOnWriteArrayList<>();

  SessionLives(String virtualHost, Definitions definitions) {
    this.virtualHost = virtualHost;
    this.definitions = definitions;
  }

  /** The time that one queue has. */
  private final class Life {
    private final Queue queue;
    private final Runnable outlived;
    private long afterMs = FOR_EVER;

    /**
     * Since when it is without a consumer, as wall time; {@link StoredLife#ATTENDED} if it has one.
     */
    private long sinceMs = StoredLife.ATTENDED;

    private @Nullable Timer timer;

    Life(Queue queue, Runnable outlived) {
      this.queue = queue;
      this.outlived = outlived;
    }

    private LoopContext home() {
      return queue.home();
    }

    long changed(long ms) {
      afterMs = ms;
      stop();
      if (afterMs == FOR_EVER) {
        lives.remove(queue.id());
        return queue.durable() ? definitions.deleteLife(home(), queue.id()) : 0;
      }
      return queue.consumers().isEmpty() ? unattended() : store();
    }

    /** Takes what an earlier broker knew. */
    void restore(StoredLife stored) {
      afterMs = stored.afterMs();
      sinceMs = stored.sinceMs();
    }

    /**
     * If the queue was consumed when the broker ended, and none knows when, its time begins now.
     */
    void start() {
      if (queue.consumers().isEmpty()) {
        if (sinceMs == StoredLife.ATTENDED) {
          unattended();
        } else {
          startClock();
        }
      }
    }

    long unattended() {
      sinceMs = home().loop().wallTimeMs();
      long sequence = store();
      startClock();
      return sequence;
    }

    void attended() {
      sinceMs = StoredLife.ATTENDED;
      stop();
      store();
    }

    private void startClock() {
      stop();
      long leftMs = afterMs - (home().loop().wallTimeMs() - sinceMs);
      if (leftMs <= 0) {
        outlived.run();
      } else {
        timer = home().loop().schedule(leftMs, outlived);
      }
    }

    void stop() {
      if (timer != null) {
        timer.cancel();
        timer = null;
      }
    }

    private long store() {
      return queue.durable() && home().storeTakes()
          ? definitions.life(home(), queue.id(), new StoredLife(afterMs, sinceMs))
          : 0;
    }
  }

  /** Adds somebody who is told of ends. */
  public void whenEnded(SessionListener listener) {
    listeners.add(listener);
  }

  /** Lets the time of sessions that were restored go on, now that everybody listens. */
  public void start() {
    lives.values().forEach(life -> life.home().loop().execute(life::start));
  }

  long change(Queue queue, long afterMs, Runnable outlived) {
    Life life = lives.get(queue.id());
    if (life == null) {
      if (afterMs == FOR_EVER) {
        return 0;
      }
      life = new Life(queue, outlived);
      lives.put(queue.id(), life);
    }
    return life.changed(afterMs);
  }

  void restore(Queue queue, StoredLife stored, Runnable outlived) {
    var life = new Life(queue, outlived);
    life.restore(stored);
    lives.put(queue.id(), life);
  }

  void attended(Queue queue) {
    Life life = lives.get(queue.id());
    if (life != null) {
      life.attended();
    }
  }

  void unattended(Queue queue) {
    Life life = lives.get(queue.id());
    if (life != null) {
      life.unattended();
    }
  }

  /** A session has ended, and all who consumed its queue know. */
  void ended(Queue queue, String session, SessionEnd why) {
    Life life = lives.remove(queue.id());
    if (life != null) {
      life.stop();
      if (queue.durable()) {
        definitions.deleteLife(queue.home(), queue.id());
      }
    }
    for (SessionListener listener : listeners) {
      listener.ended(virtualHost, session, why);
    }
  }
}
