package io.carrick.engine.client;

import io.carrick.PublishRejectedException;
import io.carrick.Refusal;
import io.carrick.spi.AttachmentListener.Pause;
import io.carrick.spi.LoopGroup;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Holds programs back that publish faster than the broker takes: by bytes that are not with the
 * broker yet, and while the broker asks to pause. Who publishes waits here, except during an alarm,
 * which may take long: then what there is credit for waits in the client, and the rest is refused.
 * Guarded by {@code this}, held for memory work only.
 */
final class PublishGate {

  private static final Set<Pause> ALARMS = EnumSet.of(Pause.MEMORY, Pause.DISK);

  private final LoopGroup group;
  private final long creditBytes;
  private final EnumSet<Pause> pauses = EnumSet.noneOf(Pause.class);
  private List<CompletableFuture<Boolean>> waiting = new ArrayList<>();
  private long underWayBytes;
  private boolean open;

  PublishGate(LoopGroup group, long creditBytes) {
    this.group = group;
    this.creditBytes = creditBytes;
  }

  /**
   * Waits until that many bytes may go in, then counts them.
   *
   * @throws PublishRejectedException during an alarm, if there is no credit left
   */
  void enter(int bytes) {
    while (true) {
      CompletableFuture<Boolean> turn;
      synchronized (this) {
        boolean credit = underWayBytes < creditBytes;
        if (open || (credit && (pauses.isEmpty() || alarmed()))) {
          underWayBytes += bytes;
          return;
        }
        if (alarmed()) {
          throw refused();
        }
        turn = new CompletableFuture<>();
        waiting.add(turn);
      }
      group.await(turn);
    }
  }

  private boolean alarmed() {
    for (Pause alarm : ALARMS) {
      if (pauses.contains(alarm)) {
        return true;
      }
    }
    return false;
  }

  private PublishRejectedException refused() {
    return pauses.contains(Pause.MEMORY)
        ? new PublishRejectedException(Refusal.MEMORY, "refused: the broker is low on memory")
        : new PublishRejectedException(Refusal.DISK, "refused: the broker is low on disk");
  }

  /** The broker has taken them, or will not. */
  void leave(int bytes) {
    List<CompletableFuture<Boolean>> ready;
    synchronized (this) {
      underWayBytes -= bytes;
      ready = underWayBytes < creditBytes / 2 ? takeWaiting() : List.of();
    }
    ready.forEach(w -> w.complete(true));
  }

  /** The broker asks to pause; who waits already looks again whether it is for an alarm. */
  void pause(Pause why) {
    List<CompletableFuture<Boolean>> ready;
    synchronized (this) {
      pauses.add(why);
      ready = ALARMS.contains(why) ? takeWaiting() : List.of();
    }
    ready.forEach(w -> w.complete(true));
  }

  void resume(Pause why) {
    List<CompletableFuture<Boolean>> ready;
    synchronized (this) {
      pauses.remove(why);
      ready = takeWaiting();
    }
    ready.forEach(w -> w.complete(true));
  }

  /** Lets everybody through: the client has closed. */
  void open() {
    List<CompletableFuture<Boolean>> ready;
    synchronized (this) {
      open = true;
      ready = takeWaiting();
    }
    ready.forEach(w -> w.complete(true));
  }

  private List<CompletableFuture<Boolean>> takeWaiting() {
    List<CompletableFuture<Boolean>> taken = waiting;
    waiting = new ArrayList<>();
    return taken;
  }
}
