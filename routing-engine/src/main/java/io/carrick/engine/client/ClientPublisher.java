package io.carrick.engine.client;

import io.carrick.BrokerException;
import io.carrick.ConnectionInfo;
import io.carrick.Limit;
import io.carrick.Message;
import io.carrick.PreconditionFailedException;
import io.carrick.ReceiptReport;
import io.carrick.engine.delivery.Confirms;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.engine.extension.Policies;
import io.carrick.engine.receipt.OpenReceipt;
import io.carrick.engine.receipt.ReceiptDesk;
import io.carrick.engine.routing.ReadPause;
import io.carrick.engine.routing.Router;
import io.carrick.engine.topology.Exchange;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.engine.tracing.Source;
import io.carrick.engine.tracing.Tracers;
import io.carrick.spi.AttachmentListener;
import io.carrick.spi.Completion;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one attachment publishes: whether it may, where that goes, and what the adapter hears of it.
 * Confined to the client's loop.
 */
final class ClientPublisher implements Source {

  private final ClientAttachment attachment;
  private final ConnectedClient client;
  private final VirtualHost host;
  private final LoopContext context;
  private final Policies policies;
  private final Tracers tracers;
  private final Router router;
  private final Confirms confirms;
  private final ReadPause pause;
  private final long maxBytes;

  ClientPublisher(ClientAttachment attachment, AttachmentListener listener) {
    ConnectedClient client = attachment.client();
    Core core = client.place.core();
    this.attachment = attachment;
    this.client = client;
    this.host = client.place.host();
    this.context = client.context();
    this.policies = core.policies();
    this.tracers = core.tracers();
    this.router = core.router(context);
    this.confirms = new Confirms(context, listener);
    this.pause = new ReadPause(context, listener, core.limits());
    this.maxBytes = core.limits().value(Limit.MESSAGE_BYTES);
  }

  boolean publish(Message message) {
    return publish(message, null);
  }

  boolean publishConfirmed(Message message) {
    return publish(message, confirms);
  }

  /** Publishes a message that asks for a receipt, which comes to a program. */
  boolean publishForReceipt(Message message, Completion<ReceiptReport> receipt) {
    return publish(message, confirms, receipt);
  }

  private boolean publish(Message original, @Nullable Confirms confirmation) {
    return publish(original, confirmation, null);
  }

  private boolean publish(
      Message original,
      @Nullable Confirms confirmation,
      @Nullable Completion<ReceiptReport> program) {
    boolean forReceipt = original.asksForReceipt();
    Message message;
    Exchange exchange;
    try {
      mayBeThatLarge(original);
      Message asked = client.addressed(original);
      exchange = asked == original ? client.mayPublish(asked) : mayDivert(asked);
      message = policies.intercept(asked);
      if (message != asked) { // which may go elsewhere
        exchange = host.exchange(message.exchange());
      }
      if (forReceipt) {
        message = asking(original, message);
        checkReceipt(message, program);
      }
    } catch (BrokerException refused) {
      context.counts().add(Count.REFUSED);
      throw refused;
    }
    return forReceipt
        ? routeForReceipt(exchange, message, confirmation, program)
        : route(exchange, message, confirmation);
  }

  /** What its publisher asks for stays with a message, whatever interceptors make of it. */
  private static Message asking(Message original, Message message) {
    return message == original
        ? message
        : message.annotated(
            message.annotations().withReceipt(original.annotations().receipt().orElseThrow()));
  }

  /** Asks whether the publisher may have a receipt, and the answer go where it wants it. */
  private void checkReceipt(Message message, @Nullable Completion<ReceiptReport> program) {
    desk().checkRoom();
    if (program == null) {
      Message answer = ReceiptDesk.answerTo(message, host);
      boolean direct = answer.exchange().isEmpty() && host.hasReplies(answer.routingKey().asKey());
      if (!direct) {
        client.mayPublishAsItIs(answer);
      }
    }
  }

  private ReceiptDesk desk() {
    return client.place.core().receipts().desk(context);
  }

  private boolean routeForReceipt(
      Exchange exchange,
      Message message,
      @Nullable Confirms confirmation,
      @Nullable Completion<ReceiptReport> program) {
    ReceiptDesk desk = desk();
    Message answer = program == null ? ReceiptDesk.answerTo(message, host) : message;
    OpenReceipt receipt = desk.open(host, message, answer, program);
    context.appender().begin();
    try {
      boolean routed = route(exchange, receipt.of(message), confirmation);
      desk.published(receipt);
      return routed;
    } finally {
      desk.abandonUnlessPublished(receipt);
      context.appender().end();
    }
  }

  private boolean route(Exchange exchange, Message passed, @Nullable Confirms confirmation) {
    Message message = tracers.arrived(passed, this);
    int queues = router.publish(host, exchange, message, pause, confirmation);
    policies.published(message, queues);
    return queues > 0;
  }

  /** Returns a message as it will be published, if it may be. */
  Message accept(Message original) {
    try {
      mayBeThatLarge(original);
      Message asked = client.addressed(original);
      if (asked == original) {
        client.mayPublish(asked);
      } else {
        mayDivert(asked);
      }
      Message message = policies.intercept(asked);
      if (message != asked) {
        host.exchange(message.exchange());
      }
      if (original.asksForReceipt()) {
        message = asking(original, message);
        checkReceipt(message, null);
      }
      if (context.alarms().any()) {
        pause.alarmed();
      }
      return message;
    } catch (BrokerException refused) {
      context.counts().add(Count.REFUSED);
      throw refused;
    }
  }

  /** Publishes what was accepted, as what arrives now; returns whether any queue matched. */
  boolean publishAccepted(Message accepted, Confirms confirmation) {
    Message message = accepted.arriving(context.loop().wallTimeMs());
    Exchange exchange = host.exchangeOrNull(message.exchange());
    if (exchange != null) {
      return message.asksForReceipt()
          ? routeForReceipt(exchange, message, confirmation, null)
          : route(exchange, message, confirmation);
    }
    // It has gone since: nothing matches.
    context.counts().add(Count.PUBLISHED);
    context.counts().add(Count.UNROUTABLE);
    policies.published(message, 0);
    return false;
  }

  /** Runs what publishes and settles as one record set. */
  void asOne(Runnable changes) {
    router.asOne(changes);
  }

  private Exchange mayDivert(Message message) {
    return message.exchange().isEmpty()
        ? host.exchange(message.exchange())
        : client.mayPublishAsItIs(message);
  }

  private void mayBeThatLarge(Message message) {
    if (message.payload().length > maxBytes) {
      throw new PreconditionFailedException(
          "message size "
              + message.payload().length
              + " is larger than configured max size "
              + maxBytes);
    }
  }

  /** Returns whether every publish has been reported. */
  boolean idle() {
    return confirms.idle();
  }

  /** Runs a task when every publish has been reported. */
  void whenIdle(Runnable task) {
    confirms.whenIdle(task);
  }

  // ---- as whoever traces sees it

  @Override
  public String virtualHost() {
    return host.name();
  }

  @Override
  public Optional<ConnectionInfo> client() {
    return Optional.of(client.info());
  }

  @Override
  public int channel() {
    return attachment.number();
  }

  // ----

  /** Stops reporting and pausing. */
  void close() {
    confirms.close();
    pause.close();
  }
}
