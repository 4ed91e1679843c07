package io.carrick.mqtt;

import io.carrick.Identity;
import io.carrick.Limit;
import io.carrick.Message;
import io.carrick.Referral;
import io.carrick.Refusal;
import io.carrick.Rejection;
import io.carrick.mqtt.codec.MalformedPacketException;
import io.carrick.mqtt.codec.MqttDecoder;
import io.carrick.mqtt.codec.MqttEncoder;
import io.carrick.mqtt.codec.MqttPacket;
import io.carrick.mqtt.codec.MqttPacket.Auth;
import io.carrick.mqtt.codec.MqttPacket.Connect;
import io.carrick.mqtt.codec.MqttPacket.Disconnect;
import io.carrick.mqtt.codec.MqttPacket.PingReq;
import io.carrick.mqtt.codec.MqttPacket.Subscribe;
import io.carrick.mqtt.codec.MqttPacket.Unsubscribe;
import io.carrick.mqtt.codec.MqttPacket.UnsupportedVersion;
import io.carrick.mqtt.codec.MqttVersion;
import io.carrick.mqtt.codec.PacketProperties;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.mqtt.codec.PublishView;
import io.carrick.mqtt.codec.ReasonCode;
import io.carrick.spi.AttachmentListener;
import io.carrick.spi.DeliverySink.End;
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

  private final Entrance entrance;
  final Connection connection;

  /** The endpoint's; from CONNECT on that of the virtual host where the client is. */
  MqttServer server;

  /** From CONNECT on. */
  private @Nullable ConnectionStage stage;

  /** What CONNECT named. */
  private @Nullable MqttVersion version;

  /** In that version; MQTT 3's before it is known. */
  private PacketWriter writer;

  /** How the client proves who it is; null if it has named no method. */
  private @Nullable Authentication authentication;

  /** What is counted of the clients of its loop. */
  private Traffic traffic;

  private @Nullable KeepAlive keepAlive;
  private @Nullable Will will;
  private boolean awaitsAnswer;
  private boolean pausedForAnswer;
  private boolean outputTakes = true;

  /** Whether the client has gone, or said so, and only waits for what is owed to it. */
  private boolean leaving;

  private @Nullable Timer farewell;
  private boolean ended;

  MqttConnection(Entrance entrance, Connection connection) {
    this.entrance = entrance;
    this.server = entrance.server();
    this.connection = connection;
    this.writer = new V3Writer(this);
    this.traffic = server.traffic(connection.loop());
  }

  // ---- reading

  @Override
  public void onRead(ByteBuf in) {
    int packets = 0;
    try {
      if (stage instanceof ConnectHandler && !awaitsAnswer && in.isReadable()) {
        Authentication.checkType(in.getUnsignedByte(in.readerIndex()));
      }
      boolean more = true;
      while (more && !awaitsAnswer && !leaving && !ended && connection.reading()) {
        boolean whole = server.decoder.read(in, this);
        packets += whole ? 1 : 0;
        more = whole && !connection.shouldYield();
      }
    } catch (MalformedPacketException e) {
      server.malformed.add();
      if (stage == null) {
        refuse(e);
      } else {
        close(e.reasonCode(), e.message());
      }
    }
    traffic.received(packets);
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
    traffic.published(publish.payloadLength());
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
  public void onRejection(PacketType type, int packetId, int reasonCode, String why) {
    connected().onRejection(type, packetId, new Rejection(reasonCode, why));
  }

  @Override
  public void onPacket(MqttPacket packet) {
    if (packet instanceof Connect connect) {
      onConnect(connect);
    } else if (packet instanceof UnsupportedVersion unsupported) {
      onUnsupported(unsupported);
    } else if (packet instanceof Auth auth) {
      onAuth(auth);
    } else if (packet instanceof Disconnect && stage instanceof ConnectHandler) {
      end(); // MQTT 5 §4.12: it may go instead of answering
    } else {
      onConnected(packet, connected());
    }
  }

  private void onAuth(Auth auth) {
    Authentication proof = authentication;
    if (proof == null) {
      throw new MalformedPacketException(
          ReasonCode.PROTOCOL_ERROR, "AUTH without an authentication method"); // MQTT 5 §4.12
    }
    if (stage instanceof ActiveSession active) {
      proof.onAuth(auth, new Reauthentication(proof, active));
    } else {
      awaitAnswer();
      proof.onAuth(auth, null);
    }
  }

  private void onConnected(MqttPacket packet, ActiveSession c) {
    if (packet instanceof Subscribe subscribe) {
      new SubscribeHandler(c).onSubscribe(subscribe);
    } else if (packet instanceof Unsubscribe unsubscribe) {
      new SubscribeHandler(c).onUnsubscribe(unsubscribe);
    } else if (packet instanceof PingReq) {
      traffic.sent();
      MqttEncoder.pingResp(connection.output().reserve(MqttEncoder.ACK_BYTES));
    } else if (packet instanceof Disconnect disconnect) {
      onDisconnect(disconnect, c);
    }
  }

  private void onDisconnect(Disconnect disconnect, ActiveSession c) {
    long expiryMs = ConnectOptions.expiryMs(disconnect.properties(), c.session.expiryMs());
    if (expiryMs > 0 && !c.asksToLast()) {
      // MQTT 5 §3.14.2.2.2: a session that was to end with its connection cannot live on.
      throw new MalformedPacketException(
          ReasonCode.PROTOCOL_ERROR, "a session expiry interval where there was none");
    }
    if (c.session.persistent()) {
      c.session.expireAfter(server.space.options().sessionExpiry(expiryMs), c.port);
    }
    if (disconnect.reasonCode() == ReasonCode.SUCCESS) {
      forgetWill(); // 3.1.1: [MQTT-3.14.4-3], 5: the same number
    }
    leave();
  }

  private ActiveSession connected() {
    if (stage instanceof ActiveSession active) {
      return active;
    }
    // Others wait until CONNECT is answered; whoever is asked for AUTH is read.
    throw new MalformedPacketException(ReasonCode.PROTOCOL_ERROR, "a packet before CONNACK");
  }

  private void onConnect(Connect connect) {
    Entrance.Login login = entrance.read(connect.user());
    server = login.server();
    traffic = server.traffic(connection.loop());
    var options = ConnectOptions.of(connect, server.space.options());
    version = connect.version();
    if (version == MqttVersion.V5) {
      writer = new V5Writer(this, options);
    }
    var handler = new ConnectHandler(this, connect, options, login);
    stage = handler;
    awaitAnswer();
    handler.start();
  }

  private void onUnsupported(UnsupportedVersion unsupported) {
    log.debug("{}: protocol level {}", this, unsupported.level());
    writer().refuse(ReasonCode.UNSUPPORTED_VERSION, PacketProperties.NONE); // [MQTT-3.1.2-2]
    end();
  }

  /** The first packet is not a CONNECT that can be taken. */
  private void refuse(MalformedPacketException wrong) {
    log.debug("{}: no CONNECT: {}", this, wrong.message());
    if (wrong.version() == MqttVersion.V5) {
      new V5Writer(this, ConnectOptions.UNKNOWN)
          .refuse(wrong.reasonCode(), V5Writer.reason(wrong.message())); // [MQTT-3.1.4-1]
    }
    end();
  }

  // ---- what the handlers of packets say

  /** The client has named a method: its AUTH packets are of that. */
  void authenticatesBy(Authentication named) {
    authentication = named;
  }

  /** The client is let in. */
  void connected(ActiveSession active, Connect connect) {
    stage = active;
    connect.will().ifPresent(w -> will = Will.keep(w, active));
    int keepAliveSeconds = server.space.options().keepAlive(connect.keepAliveSeconds());
    if (keepAliveSeconds > 0) {
      keepAlive = KeepAlive.start(this, keepAliveSeconds);
    }
    server.clients.connected();
    connection.loggedIn();
    answered();
  }

  /** The client is not let in; CONNACK says why and is on its way. */
  void refused() {
    end();
  }

  /**
   * The client has done what it must not, or cannot be served any more: it is told, where its
   * version has a word for that.
   */
  void close(int reasonCode, String why) {
    if (ended) {
      return;
    }
    log.debug("{}: closed: {}", this, why);
    if (!leaving && stage instanceof ActiveSession) {
      String told = reasonCode == ReasonCode.UNSPECIFIED ? "" : why;
      writer().disconnect(reasonCode, V5Writer.reason(told)); // [MQTT-4.13.1-1]
    } else if (stage instanceof ConnectHandler) {
      writer().refuse(refusal(reasonCode), V5Writer.reason(why)); // [MQTT-3.14.0-1]
    }
    end();
  }

  /** Returns the reason code of CONNACK for one of DISCONNECT, which has others. */
  private static int refusal(int reasonCode) {
    return switch (reasonCode) {
      case ReasonCode.SERVER_SHUTTING_DOWN,
          ReasonCode.ADMINISTRATIVE_ACTION,
          ReasonCode.SESSION_TAKEN_OVER ->
          ReasonCode.SERVER_UNAVAILABLE;
      default -> reasonCode;
    };
  }

  /** Returns what writes to the client, for one packet. */
  PacketWriter writer() {
    traffic.sent();
    return writer;
  }

  /** Writes a message to the client. */
  void publish(Message message, DeliveryTag how, boolean dup, int packetId) {
    traffic.delivered(message.payload().length);
    writer().publish(message, how, dup, packetId);
  }

  /** Returns whether the client takes a packet as long as a message would be. */
  boolean fits(Message message, DeliveryTag how) {
    return writer.fits(message, how);
  }

  /** Returns whether an answer can say that a message is not taken; else only an end can. */
  boolean answersRefusals() {
    return version == MqttVersion.V5;
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
    return !answersRefusals(); // MAP-14
  }

  @Override
  public void unroutable() {
    if (stage instanceof ActiveSession active) {
      active.publishes().unroutable();
    }
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
      active.publishes().refused(last - first + 1, reason);
    }
    if (answersRefusals() || server.space.options().refusals().acknowledges(reason)) {
      endIfAnswered();
    } else {
      close(ReasonCode.QUOTA_EXCEEDED, "the broker refuses messages: " + reason); // MAP-14
    }
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
    close(
        reason == CloseReason.SHUTDOWN
            ? ReasonCode.SERVER_SHUTTING_DOWN
            : ReasonCode.ADMINISTRATIVE_ACTION,
        text);
  }

  /** A client that keeps a queue's message for too long is gone for it, as a channel of AMQP is. */
  @Override
  public void overdue(String queue, long timeoutMs) {
    close(
        ReasonCode.IMPLEMENTATION_SPECIFIC,
        "a message of queue '" + queue + "' not acknowledged within " + timeoutMs + " ms");
  }

  @Override
  public void drained(Referral referral) {
    will = null; // as in closeRequested: a shutdown follows
    if (!ended && !leaving && stage instanceof ActiveSession) {
      Elsewhere words = Elsewhere.inDisconnect(referral);
      writer().disconnect(words.reasonCode(), words.properties());
    } else if (!ended && stage instanceof ConnectHandler) {
      Elsewhere words = Elsewhere.inConnAck(referral);
      writer().refuse(words.reasonCode(), words.properties());
    }
    end();
  }

  private void forgetWill() {
    if (will != null) {
      will.forget(connected().port);
      will = null;
    }
  }

  // ---- the end

  /** Another connection goes on with the session, or it has ended. */
  void sessionLost(End why) {
    Will due = will;
    will = null;
    if (due != null && stage instanceof ActiveSession active) {
      if (why == End.TAKEN_OVER) {
        due.takenOver(active);
      } else {
        due.publish(active, true); // [MQTT-3.1.2-8]
      }
    }
    close(
        ReasonCode.SESSION_TAKEN_OVER,
        "the session is another connection's, or has ended"); // [MQTT-3.1.4-2]
  }

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
      server.clients.gone();
      if (will != null) {
        will.publish(active, false); // [MQTT-3.1.2-8]
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
