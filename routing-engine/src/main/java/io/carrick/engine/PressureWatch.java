package io.carrick.engine;

import io.carrick.Alarm;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.engine.delivery.Alarms;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.Memory;
import io.carrick.storage.MessageStore;

/**
 * Looks once a second at what nobody reports: how much room the store's disk has, and, during an
 * alarm, whether it is over. Confined to one loop.
 */
final class PressureWatch {

  private static final long LOOK_MS = 1_000;

  /** The disk's alarm is over when there is as much more room as this part of the limit. */
  private static final int MORE_PART = 4;

  private final LoopContext here;
  private final MessageStore store;
  private final Memory memory;
  private final long diskFreeBytes;
  private boolean looking;

  PressureWatch(LoopContext here, MessageStore store, Memory memory, Limits limits) {
    this.here = here;
    this.store = store;
    this.memory = memory;
    this.diskFreeBytes = limits.value(Limit.DISK_FREE_BYTES);
  }

  /** Begins to look, if it does not already. */
  void begin() {
    if (!looking) {
      looking = true;
      look();
    }
  }

  private void look() {
    Alarms alarms = memory.alarms();
    long free = store.freeBytes();
    if (free < diskFreeBytes) {
      alarms.raise(Alarm.DISK, free + " bytes are free, " + diskFreeBytes + " should be");
    } else if (free - diskFreeBytes >= diskFreeBytes / MORE_PART) {
      alarms.lower(Alarm.DISK);
    }
    memory.look();
    looking = store.outlivesProcess() || alarms.any();
    if (looking) {
      here.loop().schedule(LOOK_MS, this::look);
    }
  }
}
