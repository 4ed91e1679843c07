package io.carrick.engine;

import io.carrick.Limit;
import io.carrick.Referral;
import io.carrick.engine.client.ConnectedClient;
import io.carrick.engine.client.Core;
import io.carrick.engine.delivery.LoopContext;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Asks all clients but programs of this JVM to go elsewhere: each is read from no more and gets the
 * confirms of what it has published before. Each loop asks its own, some in a turn; confined to the
 * loop that asks.
 */
final class Evacuation {

  /** How many are asked in a turn: each has a goodbye to write. */
  private static final int STEP = 64;

  private final Core core;
  private final Referral referral;

  Evacuation(Core core, Referral referral) {
    this.core = core;
    this.referral = referral;
  }

  /**
   * Begins, and gives up waiting for confirms after a while.
   *
   * @return completes in any loop when every loop has begun with each of its clients
   */
  CompletionStage<Void> begin(long mostMs) {
    long waitMs = Math.min(mostMs, core.limits().value(Limit.CLOSE_TIMEOUT_MS));
    return CompletableFuture.allOf(
        core.contexts().stream()
            .map(loop -> begin(loop, waitMs))
            .toArray(CompletableFuture[]::new));
  }

  private CompletableFuture<Void> begin(LoopContext loop, long waitMs) {
    var begun = new CompletableFuture<Void>();
    loop.wake(
        () -> {
          ask(loop, core.clients().all().iterator(), false, begun);
          loop.loop()
              .schedule(
                  waitMs,
                  () ->
                      ask(loop, core.clients().all().iterator(), true, new CompletableFuture<>()));
        });
    return begun;
  }

  private void ask(
      LoopContext loop,
      Iterator<ConnectedClient> clients,
      boolean atOnce,
      CompletableFuture<Void> asked) {
    int done = 0;
    while (clients.hasNext()) {
      ConnectedClient client = clients.next();
      if (client.context() == loop && !client.isProgram()) {
        ask(client, atOnce);
        loop.loop().worked(1);
        if (++done == STEP || loop.loop().workedEnough()) {
          loop.loop().continueLater(() -> ask(loop, clients, atOnce, asked));
          return;
        }
      }
    }
    asked.complete(null);
  }

  private void ask(ConnectedClient client, boolean atOnce) {
    if (atOnce) {
      client.refer(referral);
    } else {
      client.stopReading();
      client.whenIdle(() -> client.refer(referral));
    }
  }
}
