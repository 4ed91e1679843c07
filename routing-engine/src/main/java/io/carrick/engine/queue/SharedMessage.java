package io.carrick.engine.queue;

import io.carrick.Message;
import io.carrick.engine.delivery.LoopMemory;
import io.carrick.spi.HeldBytes.Kind;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * A message that several queues were given: its bytes count once, until the last of them has let it
 * go. Thread-safe: the queues may be on several loops.
 */
public final class SharedMessage {

  private static final AtomicIntegerFieldUpdater<SharedMessage> HOLDERS =
      AtomicIntegerFieldUpdater.newUpdater(SharedMessage.class, "holders");

  private final int bytes;

  /** Read through its updater: an object for it would cost as much as this one. */
  @SuppressWarnings("UnusedVariable")
  private volatile int holders;

  private SharedMessage(int bytes, int queues) {
    this.bytes = bytes;
    this.holders = queues;
  }

  /**
   * Notes a message that goes to several queues, each of which lets it go once.
   *
   * @param queues how many
   * @param here the account of the loop that gives it to them
   */
  public static SharedMessage given(Message message, int queues, LoopMemory here) {
    var shared = new SharedMessage(message.memoryBytes(), queues);
    here.add(Kind.MESSAGES, shared.bytes);
    return shared;
  }

  /** One of the queues has let the message go, if there are others. */
  static void letGoIfShared(@Nullable SharedMessage shared, LoopMemory here) {
    if (shared != null) {
      shared.letGo(here);
    }
  }

  /** One of the queues has let the message go. */
  void letGo(LoopMemory here) {
    if (HOLDERS.decrementAndGet(this) == 0) {
      here.add(Kind.MESSAGES, -bytes);
    }
  }
}
