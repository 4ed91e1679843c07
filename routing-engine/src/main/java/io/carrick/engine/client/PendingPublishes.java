package io.carrick.engine.client;

import io.carrick.BrokerException;
import io.carrick.PublishRejectedException;
import io.carrick.Publisher.Outcome;
import io.carrick.Refusal;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The publishes of an in-JVM client whose report is still to come, in order. Confined to the
 * client's loop.
 */
final class PendingPublishes {

  private final ArrayDeque<Pending> pending = new ArrayDeque<>();

  /** A publish and what routing said. Immutable. */
  private record Pending(CompletableFuture<Outcome> report, Outcome outcome) {}

  void add(CompletableFuture<Outcome> report, boolean routed) {
    pending.addLast(new Pending(report, routed ? Outcome.ROUTED : Outcome.UNROUTED));
  }

  void accepted(long first, long last) {
    each(first, last, p -> p.report.complete(p.outcome));
  }

  void refused(long first, long last, Refusal reason) {
    BrokerException why = new PublishRejectedException(reason, "refused: " + reason);
    each(first, last, p -> p.report.completeExceptionally(why));
  }

  private void each(long first, long last, Consumer<Pending> report) {
    for (long i = first; i <= last; i++) {
      Pending next = pending.pollFirst();
      if (next == null) {
        throw new IllegalStateException("a confirm for a publish that was not made");
      }
      report.accept(next);
    }
  }

  void failAll() {
    for (Pending p = pending.pollFirst(); p != null; p = pending.pollFirst()) {
      p.report.completeExceptionally(new IllegalStateException("the client is closed"));
    }
  }
}
