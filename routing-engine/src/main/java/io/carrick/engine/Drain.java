package io.carrick.engine;

import io.carrick.engine.client.Core;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.topology.QueueEntry;
import io.carrick.engine.topology.VirtualHost;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Waits until nothing is under way: asks every loop in turn, and again after a while. Confined to
 * the loop that asks at the moment; they pass it on.
 */
final class Drain {

  private static final long AGAIN_MS = 5;
  private static final long NANOS_PER_MS = 1_000_000;

  private final Core core;
  private final Collection<VirtualHost> hosts;
  private final Duration timeout;

  /** Who has to go before; null if everybody may stay. */
  private final @Nullable Evacuation evacuation;

  private final CompletableFuture<Boolean> drained = new CompletableFuture<>();
  private boolean everythingDone;
  private long deadlineNanos;

  Drain(
      Core core, Collection<VirtualHost> hosts, Duration timeout, @Nullable Evacuation evacuation) {
    this.core = core;
    this.hosts = hosts;
    this.timeout = timeout;
    this.evacuation = evacuation;
  }

  CompletableFuture<Boolean> start() {
    LoopContext first = core.contexts().get(0);
    first
        .loop()
        .execute(
            () -> {
              deadlineNanos = first.loop().nanoTime() + timeout.toNanos();
              if (evacuation == null) {
                ask();
              } else {
                evacuation.begin(timeout.toMillis()).thenRun(() -> first.wake(this::ask));
              }
            });
    return drained;
  }

  private void ask() {
    everythingDone = true;
    ask(0);
  }

  private void ask(int index) {
    LoopContext context = core.contexts().get(index);
    everythingDone &= done(context);
    LoopContext next = core.contexts().get((index + 1) % core.contexts().size());
    context.tell(
        next,
        () -> {
          if (index + 1 < core.contexts().size()) {
            ask(index + 1);
          } else {
            answer(next);
          }
        });
  }

  private boolean done(LoopContext context) {
    boolean done =
        core.clients().all().stream()
            .filter(p -> p.context() == context)
            .allMatch(p -> p.idle() && (evacuation == null || p.isProgram()));
    for (VirtualHost host : hosts) {
      for (QueueEntry entry : host.queues()) {
        done &= entry.queue.home() != context || entry.queue.consumers().settled();
      }
    }
    return done;
  }

  private void answer(LoopContext first) {
    if (everythingDone) {
      drained.complete(true);
    } else if (first.loop().nanoTime() - deadlineNanos >= 0) {
      drained.complete(false);
    } else {
      first.loop().schedule(Math.min(AGAIN_MS, timeout.toNanos() / NANOS_PER_MS), this::ask);
    }
  }
}
