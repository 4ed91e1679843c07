package io.carrick.engine.client;

import io.carrick.Annotations;
import io.carrick.BrokerException;
import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.PublishRejectedException;
import io.carrick.Publisher;
import io.carrick.ReceiptReport;
import io.carrick.RoutingKey;
import io.carrick.engine.extension.CounterRegistry;
import io.carrick.spi.Attachment;
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
    return publish(addressed(routingKey, message), Attachment::publishConfirmed);
  }

  @Override
  public CompletionStage<ReceiptReport> publishForReceipt(String routingKey, Message message) {
    if (!message.asksForReceipt()) {
      throw new IllegalArgumentException("the message asks for no receipt");
    }
    var receipt = new CompletableFuture<ReceiptReport>();
    var completion = new FutureCompletion<>(receipt);
    var unused =
        publish(
                addressed(routingKey, message),
                (attachment, asking) -> attachment.publishForReceipt(asking, completion))
            .whenComplete(
                (outcome, failure) -> {
                  if (failure != null) {
                    receipt.completeExceptionally(failure);
                  }
                });
    return receipt;
  }

  /** Publishes in the client's loop; returns whether any queue matched. */
  @FunctionalInterface
  private interface Publishing {
    boolean publish(Attachment attachment, Message message);
  }

  private CompletableFuture<Outcome> publish(Message addressed, Publishing how) {
    var report = new CompletableFuture<Outcome>();
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
            pending.add(report, how.publish(attachment, addressed));
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
    Message addressed =
        message.addressed(
            exchange, RoutingKey.ofKey(routingKey), Identity.ANONYMOUS, client.loop().wallTimeMs());
    return message.asksForReceipt()
        ? addressed.annotated(
            Annotations.NONE.withReceipt(message.annotations().receipt().orElseThrow()))
        : addressed;
  }
}
