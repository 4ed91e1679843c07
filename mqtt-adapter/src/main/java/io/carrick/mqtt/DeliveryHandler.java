package io.carrick.mqtt;

import io.carrick.Limit;
import io.carrick.Message;
import io.carrick.mqtt.InflightWindow.Inflight;
import io.carrick.mqtt.codec.MqttEncoder;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.spi.Attachment;
import io.carrick.spi.Consumption;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.SessionTable;
import io.carrick.spi.Settlement;
import io.carrick.transport.Connection;
import io.carrick.transport.OutputBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Messages to the client, from PUBLISH to the last acknowledgement. Confined to the connection's
 * loop.
 */
final class DeliveryHandler implements DeliverySink {

  private final MqttServer server;
  private final MqttConnection owner;
  private final Connection connection;
  private final Attachment port;
  private final Session session;
  private final long outputBytes;
  private @Nullable Consumption consumption;
  private boolean outputTakes = true;
  private boolean told = true;
  private boolean lost;

  DeliveryHandler(
      MqttServer server,
      MqttConnection owner,
      Connection connection,
      Attachment port,
      Session session) {
    this.server = server;
    this.owner = owner;
    this.connection = connection;
    this.port = port;
    this.session = session;
    this.outputBytes = server.limits.value(Limit.OUTPUT_BYTES);
  }

  /** CONNACK is written: what an earlier connection left goes first [MQTT-4.4.0-1]. */
  void start(Consumption started) {
    consumption = started;
    for (int packetId : session.released()) {
      acknowledge(PacketType.PUBREL, packetId);
    }
  }

  /** Returns whether another connection has the session now, or it was deleted. */
  boolean lost() {
    return lost;
  }

  // ---- from the queue

  @Override
  public void deliver(long deliveryId, Message message, @Nullable Object tag, boolean redelivered) {
    if (owner.ended()) {
      return;
    }
    DeliveryTag how = tag instanceof DeliveryTag known ? known : DeliveryTag.of(message);
    if (!message.routingKey().hasTopic()) {
      server.illegalTopic.add(); // MAP-2
      settle(deliveryId, Settlement.REJECT);
    } else if (deliveryId == NO_ID) {
      sendAtMostOnce(message, how);
    } else {
      sendAcknowledged(deliveryId, message, how, redelivered);
    }
  }

  private void sendAtMostOnce(Message message, DeliveryTag how) {
    if (connection.output().pendingBytes() > outputBytes) {
      server.slowConsumer.add();
    } else {
      write(message, 0, how.retain(), false, 0);
    }
  }

  private void sendAcknowledged(
      long deliveryId, Message message, DeliveryTag how, boolean redelivered) {
    InflightWindow inflight = session.inflight();
    if (!inflight.knows(deliveryId) && inflight.isFull()) {
      settle(deliveryId, Settlement.UNSENT);
      return;
    }
    int packetId = inflight.assign(deliveryId, how.qos());
    tellWritable();
    if (how.qos() == 1) {
      write(message, 1, how.retain(), redelivered, packetId);
      return;
    }
    long sequence = session.sent(packetId, deliveryId, table());
    port.whenDurable(sequence, () -> write(message, 2, how.retain(), redelivered, packetId));
  }

  private void write(Message message, int qos, boolean retain, boolean dup, int packetId) {
    byte[] topic = message.routingKey().topicBytes();
    byte[] payload = message.payload();
    OutputBuffer output = connection.output();
    MqttEncoder.publishHeader(
        output.reserve(MqttEncoder.publishHeaderBytes(topic)),
        topic,
        qos,
        retain,
        dup,
        packetId,
        payload.length);
    output.payload(payload, 0, payload.length);
  }

  @Override
  public void ended(End why) {
    lost = true;
    owner.close("another connection of the client has taken over"); // [MQTT-3.1.4-2]
  }

  // ---- from the client

  void onPubAck(int packetId) {
    Inflight acknowledged = session.inflight().peek(packetId);
    if (acknowledged != null && acknowledged.qos() == 1) {
      session.inflight().take(packetId);
      settle(acknowledged.deliveryId(), Settlement.ACCEPT);
      tellWritable();
    }
  }

  void onPubRec(int packetId) {
    Inflight taken = session.inflight().peek(packetId);
    if (taken == null || taken.qos() != 2) {
      acknowledge(PacketType.PUBREL, packetId);
      return;
    }
    // The message is the client's from here on (MAP-11).
    session.inflight().take(packetId);
    settle(taken.deliveryId(), Settlement.ACCEPT);
    long sequence = session.release(packetId, table());
    port.whenDurable(sequence, () -> acknowledge(PacketType.PUBREL, packetId));
  }

  void onPubComp(int packetId) {
    session.completed(packetId, table());
    tellWritable();
  }

  // ---- from both

  /** Sends a retained message to a new subscription. */
  void retained(Message message, int qos) {
    DeliveryTag how = DeliveryTag.retained(qos);
    Consumption c = consumption;
    if (qos == 0) {
      deliver(NO_ID, message, how, false);
    } else if (c != null) {
      c.offer(message, how);
    }
  }

  boolean takesMore() {
    return outputTakes && connection.output().pendingBytes() < outputBytes / 2;
  }

  void onWritable(boolean writable) {
    outputTakes = writable;
    tellWritable();
  }

  /** Holds the queue back while the output is full or identifiers run out. */
  private void tellWritable() {
    boolean takes = outputTakes && !session.inflight().isFull();
    Consumption c = consumption;
    if (takes != told && c != null) {
      told = takes;
      c.writable(takes);
    }
  }

  private void settle(long deliveryId, Settlement how) {
    Consumption c = consumption;
    if (c != null && deliveryId != NO_ID) {
      c.settle(deliveryId, how);
    }
  }

  private SessionTable table() {
    return port.sessionTable(session.clientId());
  }

  private void acknowledge(PacketType type, int packetId) {
    MqttEncoder.ack(connection.output().reserve(MqttEncoder.ACK_BYTES), type, packetId);
  }
}
