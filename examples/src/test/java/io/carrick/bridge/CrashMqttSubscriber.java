package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.bridge.RawMqtt.Packet;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * A session that is subscribed once and then only resumed. It keeps the identifiers of QoS 2
 * messages, so that each counts once. Used by one thread at a time.
 */
final class CrashMqttSubscriber extends CrashWorker {

  /** Tenths of a second without a message after which it gives up at the end. */
  private static final int MOST_IDLE = 200;

  private static final String CLIENT_ID = "crash-subscriber";

  private final CrashLedger ledger;
  private final Set<Integer> held = new HashSet<>();
  private final BooleanSupplier complete;
  private boolean subscribed;
  private int idle;

  /**
   * Makes a subscriber.
   *
   * @param complete whether it has everything that it waits for at the end
   */
  CrashMqttSubscriber(CrashLedger ledger, BooleanSupplier complete) {
    this.ledger = ledger;
    this.complete = complete;
  }

  @Override
  void work(CrashBroker broker) throws IOException {
    try (var client = new RawMqtt(broker.mqtt())) {
      boolean present = client.connect(CLIENT_ID, false);
      if (subscribed) {
        assertThat(present).as("the session and its subscription").isTrue();
      } else {
        client.subscribe("crash/#", 2);
        subscribed = true;
      }
      ready();
      while (true) {
        Packet packet = client.readOrPing();
        if (packet.type() != RawMqtt.PINGRESP) {
          take(client, packet);
        } else if (finishing() && isDone()) {
          return;
        }
      }
    }
  }

  private boolean isDone() {
    return held.isEmpty() && complete.getAsBoolean() || ++idle > MOST_IDLE;
  }

  private void take(RawMqtt client, Packet packet) throws IOException {
    if (packet.type() == RawMqtt.PUBREL) {
      held.remove(packet.id());
      client.acknowledge(RawMqtt.PUBCOMP, packet.id());
    } else if (packet.qos() == 1) {
      ledger.saw(packet.text(), packet.dup());
      client.acknowledge(RawMqtt.PUBACK, packet.publishId());
    } else {
      if (held.add(packet.publishId())) {
        ledger.saw(packet.text(), packet.dup());
      }
      client.acknowledge(RawMqtt.PUBREC, packet.publishId());
    }
  }
}
