package io.carrick.mqtt;

import io.carrick.AccessRefusedException;
import io.carrick.BrokerException;
import io.carrick.DrainingException;
import io.carrick.Identity;
import io.carrick.Limit;
import io.carrick.NotFoundException;
import io.carrick.QueueInfo;
import io.carrick.mqtt.codec.MqttEncoder;
import io.carrick.mqtt.codec.MqttPacket.Connect;
import io.carrick.mqtt.codec.MqttPacket.WillMessage;
import io.carrick.mqtt.codec.MqttVersion;
import io.carrick.mqtt.codec.PacketProperties;
import io.carrick.mqtt.codec.Property;
import io.carrick.mqtt.codec.ReasonCode;
import io.carrick.spi.AdapterContext.AttachRequest;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.Consumption;
import io.carrick.spi.Credentials;
import io.carrick.transport.Connection;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From CONNECT to CONNACK: who is it, which session, whose lease (MQTT 3.1.1 §3.1.4). Confined to
 * the connection's loop.
 */
final class ConnectHandler implements ConnectionStage, Authentication.Outcome {

  /** Another connection of the client may end the session while this one takes it over. */
  private static final int MOST_ATTEMPTS = 10;

  private static final Logger log = LoggerFactory.getLogger("io.carrick.mqtt");

  private final MqttServer server;
  private final Connection connection;
  private final MqttConnection owner;
  private final Connect connect;
  private final ConnectOptions options;
  private final Entrance.Login login;
  private final String clientId;

  /** The name of the session's queue, in one string for all who keep it. */
  private final String queue;

  /** By which the client proves who it is; null if it has shown all that it has. */
  private @Nullable Authentication authentication;

  /** What the client is told when it has done so, empty for nothing. */
  private byte[] lastData = {};

  private @Nullable Attachment attachment;

  /** Who the client has proved to be; null if it did not have to. */
  private @Nullable String user;

  private int attempts;

  /** Whether this connection has begun the session that it asks for. */
  private boolean begun;

  ConnectHandler(
      MqttConnection owner, Connect connect, ConnectOptions options, Entrance.Login login) {
    this.login = login;
    this.server = owner.server;
    this.connection = owner.connection;
    this.owner = owner;
    this.connect = connect;
    this.options = options;
    this.clientId = connect.clientId().isEmpty() ? "auto-" + UUID.randomUUID() : connect.clientId();
    this.queue = Session.queueOf(clientId);
  }

  void start() {
    boolean named = !connect.clientId().isEmpty();
    boolean mayBeNameless =
        switch (connect.version()) {
          case V3_1 -> false;
          case V3_1_1 -> connect.cleanStart() && mqtt().emptyClientIds(); // [MQTT-3.1.3-7]
          case V5 -> mqtt().emptyClientIds(); // [MQTT-3.1.3-6]
        };
    int bytes = clientId.getBytes(StandardCharsets.UTF_8).length;
    if ((!named && !mayBeNameless) || bytes > server.limits.value(Limit.CLIENT_ID_BYTES)) {
      refuse(ReasonCode.CLIENT_ID_NOT_VALID, ""); // 3.1.1: [MQTT-3.1.3-9], 5: [MQTT-3.1.3-8]
      return;
    }
    if (!termsFit()) {
      refuse(ReasonCode.PACKET_TOO_LARGE, ""); // [MQTT-3.1.2-24]
      return;
    }
    if (!login.allowed()) {
      refuse(ReasonCode.NOT_AUTHORIZED, "this endpoint has a virtual host of its own");
      return;
    }
    int refusal = connect.will().map(this::refusal).orElse(ReasonCode.SUCCESS);
    if (refusal != ReasonCode.SUCCESS) {
      refuse(refusal, "of its will");
      return;
    }
    Optional<String> method = connect.properties().text(Property.AUTHENTICATION_METHOD);
    if (method.isPresent()) {
      authenticate(method.get());
    } else {
      attach();
    }
  }

  /** What the client shows is all that it has. */
  private void attach() {
    Credentials shown = credentials(login.user(), connect.password());
    server.context.attach(
        connection.loop(),
        request(shown),
        owner,
        then(
            port -> attached(port, server.context.proves(shown)),
            reason ->
                notAttached(
                    reason,
                    connect.user().isEmpty()
                        ? ReasonCode.NOT_AUTHORIZED
                        : ReasonCode.BAD_USER_OR_PASSWORD)));
  }

  private void notAttached(BrokerException reason, int reasonCode) {
    if (reason instanceof DrainingException elsewhere) {
      Elsewhere words = Elsewhere.inConnAck(elsewhere.referral());
      owner.writer().refuse(words.reasonCode(), words.properties());
      owner.refused();
    } else {
      refuse(reasonCode, "");
    }
  }

  private MqttOptions mqtt() {
    return server.space.options();
  }

  private int refusal(WillMessage will) {
    try {
      return ReservedTopics.forPublishing(server.space.address(will.topic())) // MAP-7
          ? ReasonCode.TOPIC_NAME_INVALID
          : mqtt().refusal(will.qos(), will.retain()); // [MQTT-3.2.2-12] [MQTT-3.2.2-13]
    } catch (RefusedTopicException refused) {
      return ReasonCode.TOPIC_NAME_INVALID; // MAP-6, MAP-9
    }
  }

  private Credentials credentials(String user, byte[] password) {
    return new Credentials(
        user,
        password,
        clientId,
        "mqtt",
        connection.remoteLoopback(),
        connection.peerCertificates());
  }

  private AttachRequest request(Credentials credentials) {
    return new AttachRequest(
        server.space.virtualHost(), credentials, connect.version().toString(), clientId);
  }

  // ---- enhanced authentication

  private void authenticate(String method) {
    var begun = new Authentication(owner, method, credentials("", new byte[0]), options);
    if (!begun.known()) {
      refuse(ReasonCode.BAD_AUTHENTICATION_METHOD, ""); // [MQTT-4.12.0-1]
      return;
    }
    authentication = begun;
    owner.authenticatesBy(begun);
    begun.begin(connect.properties(), this);
  }

  @Override
  public void asked() {
    owner.answered(); // the client's AUTH is read
  }

  @Override
  public void accepted(Identity who, byte[] last) {
    lastData = last;
    if (!termsFit()) {
      refused();
      return;
    }
    server.context.attach(
        connection.loop(),
        who,
        request(credentials("", new byte[0])),
        owner,
        then(
            port -> attached(port, true),
            reason -> notAttached(reason, ReasonCode.NOT_AUTHORIZED)));
  }

  @Override
  public void refused() {
    refuse(ReasonCode.NOT_AUTHORIZED, ""); // [MQTT-4.12.0-4]
  }

  private void attached(Attachment port, boolean proved) {
    attachment = port;
    user = proved ? port.identity().user() : null;
    if (owner.ended()) {
      port.close();
      return;
    }
    try {
      connect.will().ifPresent(will -> Will.check(will, server.space, port));
    } catch (BrokerException refused) {
      unavailable(refused); // it is asked about again when it is published
      return;
    }
    findSession(port);
  }

  // ---- the session

  private void findSession(Attachment port) {
    if (connect.cleanStart()) {
      discard(port); // 3.1.1: [MQTT-3.1.2-6], 5: [MQTT-3.1.2-4]
      return;
    }
    port.findQueue(
        queue,
        then(
            info -> {
              if (info.durable()) {
                Session session =
                    server.sessions.findOrRestore(
                        clientId,
                        () -> Session.restored(clientId, user, port.sessionTable(clientId)));
                resume(port, session);
              } else {
                discard(port);
              }
            },
            absent -> discard(port)));
  }

  /** Goes on with a session, unless it ends as it loses the connection that it has. */
  private void resume(Attachment port, Session session) {
    if (session.expiryMs() == 0) {
      discard(port); // [MQTT-4.1.0-2]
    } else {
      lease(new ActiveSession(owner, port, session, options), true);
    }
  }

  /** Ends the client's old session, connected or not, and starts a new one. */
  private void discard(Attachment port) {
    String will =
        server
            .sessions
            .find(clientId)
            .map(Session::delayedWill)
            .orElseGet(() -> Session.storedWill(port.sessionTable(clientId)));
    port.deleteQueue(
        queue,
        false,
        false,
        then(
            messages -> { // not before it is known that the session is this user's
              if (!will.isEmpty()) {
                port.hastenScheduled(will); // [MQTT-3.1.3-9]: the session has ended
              }
              port.sessionTable(clientId).clear();
              declare(port, new Session(clientId, options.persistent(), user));
            },
            this::unavailable));
  }

  private void declare(Attachment port, Session session) {
    var state = new ActiveSession(owner, port, session, options);
    begun = true;
    port.declareQueue(
        session.declaration(queue, server.space.sessions()),
        then((QueueInfo made) -> lease(state, false), refused -> again(port, refused)));
  }

  private void lease(ActiveSession state, boolean present) {
    state.port.consume(
        state.consumeRequest(queue),
        state,
        then(
            consumption -> connected(state, consumption, present),
            refused -> again(state.port, refused)));
  }

  /** The session ended between two steps, by another connection of the same client. */
  private void again(Attachment port, BrokerException refused) {
    if (attempts++ < MOST_ATTEMPTS && !(refused instanceof AccessRefusedException)) {
      findSession(port);
    } else {
      unavailable(refused);
    }
  }

  private void connected(ActiveSession state, Consumption consumption, boolean present) {
    Session session = state.session;
    if (present && server.sessions.find(clientId).orElse(null) != session) {
      consumption.detach();
      again(state.port, new NotFoundException("the client's session has begun anew"));
      return;
    }
    if (session.persistent()) {
      server.sessions.put(session);
      session.expireAfter(options.sessionExpiryMs(), state.port);
    }
    if (!session.delayedWill().isEmpty()) {
      state.port.cancelScheduled(session.delayedWill(), new Unheard<>("a will is cancelled"));
      session.delayedWill("", state.port);
    }
    owner
        .writer()
        .connAck(
            present && connect.version() != MqttVersion.V3_1, // [MQTT-3.2.2-2] [MQTT-3.2.2-3]
            terms(state.port.identity()));
    state.start(consumption);
    owner.connected(state, connect);
  }

  // ---- refusals

  private void unavailable(BrokerException why) {
    log.debug("{}: no session: {}", owner, why.getMessage());
    refuse(
        why instanceof AccessRefusedException
            ? ReasonCode.NOT_AUTHORIZED
            : ReasonCode.SERVER_UNAVAILABLE,
        "");
  }

  private void refuse(int reasonCode, String why) {
    owner.writer().refuse(reasonCode, V5Writer.reason(why));
    owner.refused();
  }

  /** Returns whether the client takes a packet as long as its CONNACK. */
  private boolean termsFit() {
    return options.maximumPacketSize() == ConnectOptions.ANY_SIZE || fits(terms().build());
  }

  private boolean fits(PacketProperties terms) {
    return MqttEncoder.packetBytes(2, terms) <= options.maximumPacketSize();
  }

  /** What the client is told that was let in. */
  private PacketProperties terms(Identity who) {
    if (connect.version() != MqttVersion.V5) {
      return PacketProperties.NONE;
    }
    PacketProperties.Builder terms = terms();
    if (options.responseInformation()) { // [MQTT-3.1.2-28]
      server
          .space
          .information()
          .responses()
          .of(who)
          .ifPresent(t -> terms.text(Property.RESPONSE_INFORMATION, t));
    }
    PacketProperties all = terms.build();
    return fits(all) ? all : all.without(Property.RESPONSE_INFORMATION);
  }

  /** What a client of version 5 is told of how it is served (MQTT 5 §3.2.2.3). */
  private PacketProperties.Builder terms() {
    Authentication proof = authentication;
    PacketProperties.Builder terms =
        proof == null ? PacketProperties.builder() : proof.properties(lastData);
    terms.number(Property.MAXIMUM_PACKET_SIZE, server.bounds.maximumPacketSize());
    if (server.topicAliases > 0) {
      terms.number(Property.TOPIC_ALIAS_MAXIMUM, server.topicAliases);
    }
    int receiveMaximum = server.limits.count(Limit.RECEIVE_MAXIMUM);
    if (receiveMaximum < ConnectOptions.MOST_TO_RECEIVE) {
      terms.number(Property.RECEIVE_MAXIMUM, receiveMaximum);
    }
    if (mqtt().maximumQos() < 2) {
      terms.number(Property.MAXIMUM_QOS, mqtt().maximumQos()); // [MQTT-3.2.2-9]
    }
    if (!mqtt().retain()) {
      terms.number(Property.RETAIN_AVAILABLE, 0);
    }
    int keepAlive = mqtt().keepAlive(connect.keepAliveSeconds());
    if (keepAlive != connect.keepAliveSeconds()) {
      terms.number(Property.SERVER_KEEP_ALIVE, keepAlive); // [MQTT-3.2.2-22]
    }
    if (options.sessionExpiryMs() < ConnectOptions.expiryMs(connect.properties(), 0)) {
      terms.number(Property.SESSION_EXPIRY_INTERVAL, options.sessionExpiryMs() / 1_000);
    }
    if (connect.clientId().isEmpty()) {
      terms.text(Property.ASSIGNED_CLIENT_IDENTIFIER, clientId); // [MQTT-3.2.2-16]
    }
    return terms;
  }

  /** The connection has ended before CONNACK: a session that was made for it goes. */
  void abandon() {
    Attachment port = attachment;
    if (port != null) {
      if (begun) {
        port.deleteQueue(queue, true, false, new Unheard<>("a session that was not answered"));
      }
      port.close();
    }
  }

  private <T> Completion<T> then(Consumer<T> next, Consumer<BrokerException> otherwise) {
    return new Completion<>() {
      @Override
      public void completed(T value) {
        if (!owner.ended() || attachment == null) {
          next.accept(value);
        }
      }

      @Override
      public void failed(BrokerException reason) {
        if (!owner.ended()) {
          otherwise.accept(reason);
        }
      }
    };
  }
}
