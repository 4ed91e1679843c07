package io.carrick.engine;

import io.carrick.Limit;
import io.carrick.engine.client.ConnectedClient;
import io.carrick.engine.client.Core;
import io.carrick.spi.AttachmentListener.CloseReason;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/**
 * The broker closes: each client is read from no more, gets the confirms of what it has published,
 * and is asked to leave. Thread-safe: clients on all loops take part.
 */
final class Farewell {

  private final Core core;
  private final List<ConnectedClient> clients;

  Farewell(Core core, Collection<ConnectedClient> clients) {
    this.core = core;
    this.clients = List.copyOf(clients);
  }

  /** Completes when all were asked, at the latest after {@link Limit#CLOSE_TIMEOUT_MS}. */
  CompletableFuture<Void> say() {
    List<CompletableFuture<Void>> asked = clients.stream().map(this::letGo).toList();
    var loop = core.contexts().get(0).loop();
    var deadline =
        loop.schedule(
            core.limits().value(Limit.CLOSE_TIMEOUT_MS),
            () -> asked.forEach(one -> one.complete(null)));
    return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
        .whenComplete((all, never) -> deadline.cancel())
        .thenRun(() -> clients.forEach(this::ask));
  }

  private CompletableFuture<Void> letGo(ConnectedClient client) {
    var idle = new CompletableFuture<Void>();
    inLoop(
        client,
        () -> {
          client.stopReading();
          client.whenIdle(() -> idle.complete(null));
        },
        idle);
    return idle;
  }

  private void ask(ConnectedClient client) {
    inLoop(
        client,
        () -> client.requestClose(CloseReason.SHUTDOWN, "the broker closes"),
        new CompletableFuture<>());
  }

  private static void inLoop(
      ConnectedClient client, Runnable task, CompletableFuture<Void> otherwise) {
    try {
      client.context().loop().execute(task);
    } catch (RejectedExecutionException e) {
      otherwise.complete(null); // the loop has ended, and the client with it
    }
  }
}
