package io.carrick.engine;

import io.carrick.spi.LoopGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Holds programs back that publish faster than the broker takes: by bytes in the mailbox, and while
 * the broker asks to pause. Guarded by {@code this}, held for memory work only.
 */
final class PublishGate {

  private final LoopGroup group;
  private final long creditBytes;
  private List<CompletableFuture<Boolean>> waiting = new ArrayList<>();
  private long underWayBytes;
  private boolean paused;
  private boolean open;

  PublishGate(LoopGroup group, long creditBytes) {
    this.group = group;
    this.creditBytes = creditBytes;
  }

  /** Waits until that many bytes may go in, then counts them. */
  void enter(int bytes) {
    while (true) {
      CompletableFuture<Boolean> turn;
      synchronized (this) {
        if (open || (!paused && underWayBytes < creditBytes)) {
          underWayBytes += bytes;
          return;
        }
        turn = new CompletableFuture<>();
        waiting.add(turn);
      }
      group.await(turn);
    }
  }

  /** The loop has taken them. */
  void leave(int bytes) {
    List<CompletableFuture<Boolean>> ready;
    synchronized (this) {
      underWayBytes -= bytes;
      ready = underWayBytes < creditBytes / 2 ? takeWaiting() : List.of();
    }
    ready.forEach(w -> w.complete(true));
  }

  synchronized void pause() {
    paused = true;
  }

  void resume() {
    List<CompletableFuture<Boolean>> ready;
    synchronized (this) {
      paused = false;
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
