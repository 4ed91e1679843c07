package io.carrick.engine.client;

import io.carrick.BrokerException;
import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.PublishRejectedException;
import io.carrick.Publisher;
import io.carrick.RoutingKey;
import io.carrick.engine.extension.CounterRegistry;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Publishes for an in-JVM client. Thread-safe: everything else happens in the client's loop. */
final class LocalPublisher implements Publisher {

  private final LocalClient client;
  private final String exchange;
  private final PublishGate gate;
  private final PendingPublishes pending;

  private final CounterRegistry counters;

  LocalPublisher(
      LocalClient client,
      String exchange,
      PublishGate gate,
      PendingPublishes pending,
      CounterRegistry counters) {
    this.client = client;
    this.exchange = exchange;
    this.gate = gate;
    this.pending = pending;
    this.counters = counters;
  }

  @Override
  public CompletionStage<Outcome> publish(String routingKey, Message message) {
    var report = new CompletableFuture<Outcome>();
    Message addressed = addressed(routingKey, message);
    int bytes = addressed.memoryBytes();
    try {
      gate.enter(bytes);
    } catch (PublishRejectedException alarm) {
      count();
      report.completeExceptionally(alarm);
      return report;
    }
    client.publish(
        attachment -> {
          gate.leave(bytes);
          try {
            boolean routed = attachment.publishConfirmed(addressed);
            pending.add(report, routed);
          } catch (RuntimeException refusedOrFailed) {
            report.completeExceptionally(refusedOrFailed);
          }
        },
        report::completeExceptionally);
    return report;
  }

  @Override
  public void send(String routingKey, Message message) {
    Message addressed = addressed(routingKey, message);
    int bytes = addressed.memoryBytes();
    try {
      gate.enter(bytes);
    } catch (PublishRejectedException alarm) {
      count();
      return;
    }
    client.publish(
        attachment -> {
          gate.leave(bytes);
          try {
            attachment.publish(addressed);
          } catch (BrokerException refused) {
            // Nobody waits for a report, and the port has counted it.
          }
        },
        closed -> {});
  }

  private void count() {
    counters.dropped("alarm").add();
  }

  private Message addressed(String routingKey, Message message) {
    return message.addressed(
        exchange, RoutingKey.ofKey(routingKey), Identity.ANONYMOUS, client.loop().wallTimeMs());
  }
}
