package io.carrick.engine;

import io.carrick.Limit;
import io.carrick.spi.AttachmentListener.CloseReason;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/**
 * The broker closes: each party is read from no more, gets the confirms of what it has published,
 * and is asked to leave. Thread-safe: parties on all loops take part.
 */
final class Farewell {

  private final Core core;
  private final List<Party> parties;

  Farewell(Core core, Collection<Party> parties) {
    this.core = core;
    this.parties = List.copyOf(parties);
  }

  /** Completes when all were asked, at the latest after {@link Limit#CLOSE_TIMEOUT_MS}. */
  CompletableFuture<Void> say() {
    List<CompletableFuture<Void>> asked = parties.stream().map(this::letGo).toList();
    var loop = core.contexts().get(0).loop();
    var deadline =
        loop.schedule(
            core.limits().value(Limit.CLOSE_TIMEOUT_MS),
            () -> asked.forEach(one -> one.complete(null)));
    return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
        .whenComplete((all, never) -> deadline.cancel())
        .thenRun(() -> parties.forEach(this::ask));
  }

  private CompletableFuture<Void> letGo(Party party) {
    var idle = new CompletableFuture<Void>();
    inLoop(
        party,
        () -> {
          party.stopReading();
          party.whenIdle(() -> idle.complete(null));
        },
        idle);
    return idle;
  }

  private void ask(Party party) {
    inLoop(
        party,
        () -> party.requestClose(CloseReason.SHUTDOWN, "the broker closes"),
        new CompletableFuture<>());
  }

  private static void inLoop(Party party, Runnable task, CompletableFuture<Void> otherwise) {
    try {
      party.context().loop().execute(task);
    } catch (RejectedExecutionException e) {
      otherwise.complete(null); // the loop has ended, and the party with it
    }
  }
}
