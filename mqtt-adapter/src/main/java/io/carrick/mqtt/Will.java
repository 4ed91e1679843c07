package io.carrick.mqtt;

import io.carrick.BrokerException;
import io.carrick.Message;
import io.carrick.mqtt.codec.MqttPacket.WillMessage;
import io.carrick.mqtt.codec.Property;
import io.carrick.spi.Attachment;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is published when a connection ends without DISCONNECT, and also if the broker ends before
 * it (§3.1.2.5 of MQTT 3.1.1 and 5). Immutable; used in the connection's loop.
 *
 * <p>With a delay it is published when that is over or the session ends, unless the client comes
 * back before [MQTT-3.1.3-9]: the session knows its name (MAP-34).
 */
final class Will {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.mqtt");

  /** Of this connection alone: another one of the same client may already have its own. */
  private final String name;

  private final Message message;
  private final long delayMs;

  private Will(String name, Message message, long delayMs) {
    this.name = name;
    this.message = message;
    this.delayMs = delayMs;
  }

  /**
   * Fails if a client that connects may not publish its will.
   *
   * @throws BrokerException if it may not
   */
  static void check(WillMessage will, MqttSpace space, Attachment port) {
    port.checkPublish(message(will, space, port));
  }

  private static Message message(WillMessage will, MqttSpace space, Attachment port) {
    return Message.published(
        space.exchange(),
        space.topics().address(will.topic()),
        MqttProperties.of(
            will.qos(), will.retain(), will.properties().without(Property.WILL_DELAY_INTERVAL)),
        will.payload(),
        port.identity(),
        port.loop().wallTimeMs());
  }

  /** Takes the will of a client that has connected, and keeps it for the next start. */
  static Will keep(WillMessage will, ActiveSession client) {
    Attachment port = client.port;
    Message message = message(will, client.server().space, port);
    long delayMs = will.properties().number(Property.WILL_DELAY_INTERVAL, 0) * 1_000;
    var kept = new Will("mqtt.will." + UUID.randomUUID(), message, delayMs);
    long afterMs = kept.delayMs(client.session);
    port.schedulePublishAfterStart(kept.name, message, afterMs, new Unheard<>("a will is kept"));
    client.session.delayedWill(afterMs > 0 ? kept.name : "", port);
    return kept;
  }

  private long delayMs(Session session) {
    return Math.min(delayMs, session.expiryMs());
  }

  /**
   * The connection has ended: publishes it, now or later, instead of at the next start.
   *
   * @param sessionEnded whether the session has ended with it
   */
  void publish(ActiveSession client, boolean sessionEnded) {
    Attachment port = client.port;
    long afterMs = sessionEnded ? 0 : delayMs(client.session);
    Message now = message.arriving(port.loop().wallTimeMs());
    if (afterMs > 0) {
      port.schedulePublish(name, now, afterMs, new Unheard<>("a will is to come"));
      return;
    }
    port.atomically(
        () -> {
          forget(port);
          try {
            port.publish(now);
          } catch (BrokerException refused) {
            log.debug("a will was refused: {}", refused.getMessage());
          }
        });
  }

  /** Another connection of the client goes on with the session. */
  void takenOver(ActiveSession client) {
    if (delayMs(client.session) > 0) {
      forget(client.port);
    } else {
      publish(client, false);
    }
  }

  void forget(Attachment port) {
    port.cancelScheduled(name, new Unheard<>("a will is forgotten"));
  }
}
