package io.carrick.mqtt;

import io.carrick.Identity;
import io.carrick.Limit;
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
import io.carrick.mqtt.codec.MqttVersion;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.mqtt.codec.PublishView;
import io.carrick.spi.AttachmentListener;
import io.carrick.spi.Loop.Timer;
import io.carrick.transport.Connection;
import io.carrick.transport.ConnectionHandler;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: passes packets on and knows how it ends. Confined to the connection's
 * loop.
 */
final class MqttConnection implements ConnectionHandler, MqttDecoder.Sink, AttachmentListener {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.mqtt");

  final MqttServer server;
  final Connection connection;

  /** From CONNECT on. */
  private @Nullable ConnectionStage stage;

  /** What CONNECT named. */
  private @Nullable MqttVersion version;

  private @Nullable KeepAlive keepAlive;
  private @Nullable Will will;
  private boolean awaitsAnswer;
  private boolean pausedForAnswer;
  private boolean outputTakes = true;

  /** Whether the client has gone, or said so, and only waits for what is owed to it. */
  private boolean leaving;

  private @Nullable Timer farewell;
  private boolean ended;

  MqttConnection(MqttServer server, Connection connection) {
    this.server = server;
    this.connection = connection;
  }

  // ---- reading

  @Override
  public void onRead(ByteBuf in) {
    try {
      boolean more = true;
      while (more && !awaitsAnswer && !leaving && !ended && connection.reading()) {
        more = server.decoder.read(in, this) && !connection.shouldYield();
      }
    } catch (MalformedPacketException e) {
      server.malformed.add();
      log.debug("{}: {}", this, e.getMessage());
      end();
    }
    if (ended || leaving) {
      in.skipBytes(in.readableBytes());
    } else if (awaitsAnswer && !pausedForAnswer) {
      pausedForAnswer = true;
      connection.pauseReading();
    }
  }

  @Override
  public @Nullable MqttVersion version() {
    return version;
  }

  @Override
  public PublishView publishView() {
    return connected().publishes().view();
  }

  /** Later packets wait, in order, until {@link #answered}. */
  void awaitAnswer() {
    awaitsAnswer = true;
  }

  void answered() {
    awaitsAnswer = false;
    if (pausedForAnswer) {
      pausedForAnswer = false;
      connection.resumeReading();
    }
  }

  @Override
  public void onPublish(PublishView publish) {
    connected().publishes().onPublish(publish);
  }

  @Override
  public void onAck(PacketType type, int packetId) {
    ActiveSession c = connected();
    switch (type) {
      case PUBACK -> c.onPubAck(packetId);
      case PUBREC -> c.onPubRec(packetId);
      case PUBCOMP -> c.onPubComp(packetId);
      case PUBREL -> c.publishes().onPubRel(packetId);
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

  private void onConnected(MqttPacket packet, ActiveSession c) {
    if (packet instanceof Subscribe subscribe) {
      new SubscribeHandler(c).onSubscribe(subscribe);
    } else if (packet instanceof Unsubscribe unsubscribe) {
      new SubscribeHandler(c).onUnsubscribe(unsubscribe);
    } else if (packet instanceof PingReq) {
      MqttEncoder.pingResp(connection.output().reserve(MqttEncoder.ACK_BYTES));
    } else if (packet instanceof Disconnect) {
      forgetWill(); // [MQTT-3.14.4-3]
      leave();
    }
  }

  private ActiveSession connected() {
    if (stage instanceof ActiveSession active) {
      return active;
    }
    throw new IllegalStateException("packets wait until CONNECT is answered");
  }

  private void onConnect(Connect connect) {
    var handler = new ConnectHandler(this, connect);
    version = connect.version();
    stage = handler;
    awaitAnswer();
    handler.start();
  }

  private void onUnsupported(UnsupportedVersion unsupported) {
    ByteBuf out = connection.output().reserve(MqttEncoder.ACK_BYTES + 1);
    if (unsupported.level() == MqttVersion.V5.level()) {
      MqttEncoder.connAckV5(out, 0x84);
    } else {
      MqttEncoder.connAck(out, false, ConnectHandler.UNACCEPTABLE_VERSION); // [MQTT-3.1.2-2]
    }
    end();
  }

  // ---- what the handlers of packets say

  /** The client is let in. */
  void connected(ActiveSession active, Connect connect) {
    stage = active;
    connect.will().ifPresent(w -> will = Will.keep(w, server.space, active.port));
    if (connect.keepAliveSeconds() > 0) {
      keepAlive = KeepAlive.start(this, connect.keepAliveSeconds());
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

  /** Returns whether the client takes bytes; it is told when it does again. */
  boolean outputTakes() {
    return outputTakes && !ended;
  }

  // ---- what the transport says

  @Override
  public void onWritable(boolean writable) {
    if (stage instanceof ActiveSession active && outputTakes != writable && !ended) {
      outputTakes = writable;
      active.onWritable(writable);
    }
  }

  @Override
  public boolean onInputEnd() {
    leave();
    return true;
  }

  @Override
  public void onClosed() {
    end();
  }

  // ---- what the broker says

  @Override
  public void accepted(long first, long last) {
    if (stage instanceof ActiveSession active) {
      active.publishes().accepted(last - first + 1);
      endIfAnswered();
    }
  }

  /** PUBACK goes before a delivery of the same message: a client may wait with Nagle for both. */
  @Override
  public boolean prompt() {
    return true;
  }

  @Override
  public boolean oneQueueIsEnough() {
    return true; // MAP-14
  }

  @Override
  public void refusing() {
    if (stage instanceof ActiveSession active) {
      active.publishes().refusing();
    }
  }

  @Override
  public void refused(long first, long last, Refusal reason) {
    if (stage instanceof ActiveSession active) {
      active.publishes().refused(last - first + 1);
    }
    close("the broker refuses messages: " + reason); // MAP-14
  }

  @Override
  public void pauseReading(Pause why) {
    connection.pauseReading();
  }

  @Override
  public void resumeReading(Pause why) {
    connection.resumeReading();
  }

  @Override
  public String remote() {
    return connection.remoteAddress();
  }

  @Override
  public void closeRequested(CloseReason reason, String text) {
    if (reason == CloseReason.SHUTDOWN) {
      // §3.1.2.5: after a shutdown a server may publish it when it starts again. A broker whose
      // store outlives it does, others have nobody left to publish it to.
      will = null;
    }
    close(text);
  }

  private void forgetWill() {
    if (will != null) {
      will.forget(connected().port);
      will = null;
    }
  }

  // ---- the end

  /**
   * The client has said goodbye, or says nothing more: it gets the answers to what it has said
   * before. It keeps its session for that long, unless another connection takes that over.
   */
  private void leave() {
    if (leaving || ended) {
      return;
    }
    leaving = true;
    endIfAnswered();
    if (!ended) {
      long mostMs = server.limits.value(Limit.CLOSE_TIMEOUT_MS);
      farewell = connection.loop().schedule(mostMs, this::end);
    }
  }

  private void endIfAnswered() {
    if (!leaving) {
      return;
    }
    if (stage instanceof ActiveSession active) {
      active.whenAnswered(this::end);
    } else {
      end();
    }
  }

  /** Ends the connection, whatever the reason, and what does not outlive it. */
  private void end() {
    if (ended) {
      return;
    }
    ended = true;
    if (keepAlive != null) {
      keepAlive.stop();
    }
    if (farewell != null) {
      farewell.cancel();
    }
    if (stage instanceof ActiveSession active) {
      if (will != null) {
        will.publish(active.port); // [MQTT-3.1.2-8]
      }
      active.port.close();
    } else if (stage instanceof ConnectHandler connecting) {
      connecting.abandon();
    }
    connection.closeAfterFlush();
  }

  @Override
  public String toString() {
    Identity who =
        stage instanceof ActiveSession active ? active.port.identity() : Identity.ANONYMOUS;
    return connection + " " + who.clientId();
  }
}
