package io.carrick.mqtt;

import io.carrick.Identity;
import io.carrick.Refusal;
import io.carrick.mqtt.codec.MalformedPacketException;
import io.carrick.mqtt.codec.MqttDecoder;
import io.carrick.mqtt.codec.MqttEncoder;
import io.carrick.mqtt.codec.MqttPacket;
import io.carrick.mqtt.codec.MqttPacket.Connect;
import io.carrick.mqtt.codec.MqttPacket.Disconnect;
import io.carrick.mqtt.codec.MqttPacket.PingReq;
import io.carrick.mqtt.codec.MqttPacket.Subscribe;
import io.carrick.mqtt.codec.MqttPacket.Unsubscribe;
import io.carrick.mqtt.codec.MqttPacket.UnsupportedVersion;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.mqtt.codec.PublishView;
import io.carrick.spi.AttachmentListener;
import io.carrick.transport.Connection;
import io.carrick.transport.ConnectionHandler;
import io.netty.buffer.ByteBuf;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: passes packets on and knows how it ends. Confined to the connection's
 * loop.
 */
final class MqttConnection implements ConnectionHandler, MqttDecoder.Sink, AttachmentListener {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.mqtt");

  private final MqttServer server;
  private final Connection connection;
  private final MqttDecoder decoder;

  /** From CONNECT to CONNACK. */
  private @Nullable ConnectHandler connecting;

  /** From CONNACK on. */
  private @Nullable ClientState client;

  private @Nullable KeepAlive keepAlive;
  private Optional<Will> will = Optional.empty();
  private int answersAwaited;
  private boolean pausedForAnswer;
  private boolean ended;

  MqttConnection(MqttServer server, Connection connection) {
    this.server = server;
    this.connection = connection;
    this.decoder = new MqttDecoder(server.bounds);
  }

  // ---- reading

  @Override
  public void onRead(ByteBuf in) {
    try {
      boolean more = true;
      while (more && answersAwaited == 0 && !ended) {
        more = decoder.read(in, this);
      }
    } catch (MalformedPacketException e) {
      server.malformed.add();
      log.debug("{}: {}", this, e.getMessage());
      end();
    }
    if (ended) {
      in.skipBytes(in.readableBytes());
    } else if (answersAwaited > 0 && !pausedForAnswer) {
      pausedForAnswer = true;
      connection.pauseReading();
    }
  }

  /** Later packets wait, in order, until {@link #answered}. */
  void awaitAnswer() {
    answersAwaited++;
  }

  void answered() {
    answersAwaited--;
    if (answersAwaited == 0 && pausedForAnswer) {
      pausedForAnswer = false;
      connection.resumeReading();
    }
  }

  @Override
  public void onPublish(PublishView publish) {
    ClientState c = connected();
    c.publishes.onPublish(publish);
  }

  @Override
  public void onAck(PacketType type, int packetId) {
    ClientState c = connected();
    switch (type) {
      case PUBACK -> c.deliveries.onPubAck(packetId);
      case PUBREC -> c.deliveries.onPubRec(packetId);
      case PUBCOMP -> c.deliveries.onPubComp(packetId);
      case PUBREL -> c.publishes.onPubRel(packetId);
      default -> throw new IllegalStateException("not an acknowledgement: " + type);
    }
  }

  @Override
  public void onPacket(MqttPacket packet) {
    if (packet instanceof Connect connect) {
      onConnect(connect);
    } else if (packet instanceof UnsupportedVersion unsupported) {
      onUnsupported(unsupported);
    } else {
      onConnected(packet, connected());
    }
  }

  private void onConnected(MqttPacket packet, ClientState c) {
    if (packet instanceof Subscribe subscribe) {
      c.subscriptions.onSubscribe(subscribe);
    } else if (packet instanceof Unsubscribe unsubscribe) {
      c.subscriptions.onUnsubscribe(unsubscribe);
    } else if (packet instanceof PingReq) {
      MqttEncoder.pingResp(connection.output().reserve(MqttEncoder.ACK_BYTES));
    } else if (packet instanceof Disconnect) {
      forgetWill(); // [MQTT-3.14.4-3]
      end();
    }
  }

  private ClientState connected() {
    if (client == null) {
      throw new IllegalStateException("packets wait until CONNECT is answered");
    }
    return client;
  }

  private void onConnect(Connect connect) {
    var handler = new ConnectHandler(server, this, connection, connect);
    connecting = handler;
    awaitAnswer();
    handler.start();
  }

  private void onUnsupported(UnsupportedVersion unsupported) {
    ByteBuf out = connection.output().reserve(MqttEncoder.ACK_BYTES + 1);
    if (unsupported.level() >= 5) {
      MqttEncoder.connAckV5(out, 0x84);
    } else {
      MqttEncoder.connAck(out, false, ConnectHandler.UNACCEPTABLE_VERSION); // [MQTT-3.1.2-2]
    }
    end();
  }

  // ---- what the handlers of packets say

  /** The client is let in. */
  void connected(ClientState state, Connect connect) {
    client = state;
    connecting = null;
    will = connect.will().map(w -> Will.keep(w, server.space, state.port));
    if (connect.keepAliveSeconds() > 0) {
      keepAlive =
          KeepAlive.start(
              connection, connect.keepAliveSeconds(), () -> close("keep alive expired"));
    }
    connection.loggedIn();
    answered();
  }

  /** The client is not let in; CONNACK says why and is on its way. */
  void refused() {
    end();
  }

  /** The client has done what it must not, or cannot be served any more. */
  void close(String why) {
    log.debug("{}: closed: {}", this, why);
    end();
  }

  boolean ended() {
    return ended;
  }

  // ---- what the transport says

  @Override
  public void onWritable(boolean writable) {
    if (client != null && !ended) {
      client.deliveries.onWritable(writable);
      client.subscriptions.onWritable(writable);
    }
  }

  @Override
  public void onClosed() {
    end();
  }

  // ---- what the broker says

  @Override
  public void accepted(long first, long last) {
    if (client != null) {
      client.publishes.accepted(last - first + 1);
    }
  }

  @Override
  public void refusing() {
    if (client != null) {
      client.publishes.refusing();
    }
  }

  @Override
  public void refused(long first, long last, Refusal reason) {
    if (client != null) {
      client.publishes.refused(last - first + 1);
    }
    close("the broker refuses messages: " + reason); // MAP-14
  }

  @Override
  public void pauseReading() {
    connection.pauseReading();
  }

  @Override
  public void resumeReading() {
    connection.resumeReading();
  }

  @Override
  public void closeRequested(CloseReason reason, String text) {
    if (reason == CloseReason.SHUTDOWN) {
      // §3.1.2.5: after a shutdown a server may publish it when it starts again. A broker whose
      // store outlives it does, others have nobody left to publish it to.
      will = Optional.empty();
    }
    close(text);
  }

  private void forgetWill() {
    ClientState c = client;
    if (c != null) {
      will.ifPresent(w -> w.forget(c.port));
    }
    will = Optional.empty();
  }

  // ---- the end

  /** Ends the connection, whatever the reason, and what does not outlive it. */
  private void end() {
    if (ended) {
      return;
    }
    ended = true;
    ClientState c = client;
    if (keepAlive != null) {
      keepAlive.stop();
    }
    if (c != null) {
      will.ifPresent(w -> w.publish(c.port)); // [MQTT-3.1.2-8]
      c.port.close();
    } else if (connecting != null) {
      connecting.abandon();
    }
    connection.closeAfterFlush();
  }

  @Override
  public String toString() {
    ClientState c = client;
    Identity who = c == null ? Identity.ANONYMOUS : c.port.identity();
    return connection + " " + who.clientId();
  }
}
