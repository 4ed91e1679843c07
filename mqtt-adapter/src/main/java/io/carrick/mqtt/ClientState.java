package io.carrick.mqtt;

import io.carrick.BrokerException;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What there is of a connected client. Confined to the connection's loop. */
final class ClientState {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.mqtt");

  final Attachment port;
  final PublishHandler publishes;
  final DeliveryHandler deliveries;
  final SubscribeHandler subscriptions;
  final KeepAlive keepAlive;
  private final Session session;

  ClientState(
      Attachment port,
      Session session,
      PublishHandler publishes,
      DeliveryHandler deliveries,
      SubscribeHandler subscriptions,
      KeepAlive keepAlive) {
    this.port = port;
    this.session = session;
    this.publishes = publishes;
    this.deliveries = deliveries;
    this.subscriptions = subscriptions;
    this.keepAlive = keepAlive;
  }

  /** The connection has ended: a clean session goes with it unless another has taken over. */
  void leave(Sessions sessions) {
    boolean goes = !session.persistent() && !deliveries.lost() && sessions.remove(session);
    if (goes) {
      port.deleteQueue(session.queue(), false, false, new Logged(session.clientId()));
    }
    port.close();
  }

  /** Nobody waits for the answer. Immutable. */
  private record Logged(String clientId) implements Completion<Long> {

    @Override
    public void completed(Long messages) {
      log.trace("the session of {} has ended with {} messages", clientId, messages);
    }

    @Override
    public void failed(BrokerException reason) {
      log.debug("the session of {} could not be removed: {}", clientId, reason.getMessage());
    }
  }
}
