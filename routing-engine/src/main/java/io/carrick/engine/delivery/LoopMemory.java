package io.carrick.engine.delivery;

import io.carrick.spi.HeldBytes;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What one loop holds in memory. Confined to that loop, except for {@link #held(Kind)}; the broker
 * hears of a change when it is large enough.
 */
public final class LoopMemory implements HeldBytes {

  private static final int QUEUES = Kind.QUEUES.ordinal();
  private static final int MESSAGES = Kind.MESSAGES.ordinal();

  private final Memory memory;
  private final int mostUnreported;
  private final AtomicLongArray held = new AtomicLongArray(Kind.values().length);
  private long unreported;

  LoopMemory(Memory memory, int mostUnreported) {
    this.memory = memory;
    this.mostUnreported = mostUnreported;
  }

  @Override
  public void add(Kind kind, long bytes) {
    note(kind.ordinal(), bytes);
    changed(bytes);
  }

  /**
   * Notes a message and its place in a queue, in one step as it is done for each message.
   *
   * @param place of {@link io.carrick.spi.HeldBytes.Kind#QUEUES}
   * @param message of {@link io.carrick.spi.HeldBytes.Kind#MESSAGES}
   */
  public void addQueued(int place, int message) {
    note(QUEUES, place);
    note(MESSAGES, message);
    changed((long) place + message);
  }

  private void note(int kind, long bytes) {
    held.lazySet(kind, held.getPlain(kind) + bytes);
  }

  private void changed(long bytes) {
    long change = unreported + bytes;
    if (change > mostUnreported || change < -mostUnreported) {
      unreported = 0;
      memory.report(change);
    } else {
      unreported = change;
    }
  }

  /** Returns how many bytes of a kind are held, negative for what another loop has noted. */
  long held(Kind kind) {
    return held.get(kind.ordinal());
  }

  /** Returns how much less a queue is to hold in memory: as many times a quarter of it. */
  public int squeeze() {
    return memory.squeeze();
  }
}
