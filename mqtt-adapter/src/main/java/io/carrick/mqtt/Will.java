package io.carrick.mqtt;

import io.carrick.BrokerException;
import io.carrick.Message;
import io.carrick.mqtt.codec.MqttPacket.WillMessage;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is published when a connection ends without DISCONNECT, and also if the broker ends before
 * it (MQTT 3.1.1 §3.1.2.5). Immutable; used in the connection's loop.
 */
final class Will {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.mqtt");

  /** Of this connection alone: another one of the same client may already have its own. */
  private final String name;

  private final Message message;

  private Will(String name, Message message) {
    this.name = name;
    this.message = message;
  }

  /** Takes the will of a client that has connected, and keeps it for the next start. */
  static Will keep(WillMessage will, MqttSpace space, Attachment port) {
    Message message =
        Message.published(
            space.exchange(),
            space.topics().address(will.topic()),
            MqttProperties.of(will.qos(), will.retain()),
            will.payload(),
            port.identity(),
            port.loop().wallTimeMs());
    var kept = new Will("mqtt.will." + UUID.randomUUID(), message);
    port.schedulePublishAfterStart(kept.name, message, 0, new Logged<>("kept"));
    return kept;
  }

  /** Publishes it now, instead of at the next start. */
  void publish(Attachment port) {
    port.atomically(
        () -> {
          forget(port);
          try {
            port.publish(message);
          } catch (BrokerException refused) {
            log.debug("a will was refused: {}", refused.getMessage());
          }
        });
  }

  void forget(Attachment port) {
    port.cancelScheduled(name, new Logged<>("cancelled"));
  }

  /** Nobody waits for the answer. Immutable. */
  private record Logged<T>(String what) implements Completion<T> {

    @Override
    public void completed(T value) {
      log.trace("a will was {}", what);
    }

    @Override
    public void failed(BrokerException reason) {
      log.debug("a will was not {}: {}", what, reason.getMessage());
    }
  }
}
