package io.carrick.mqtt;

import io.carrick.AccessRefusedException;
import io.carrick.BrokerException;
import io.carrick.Limit;
import io.carrick.QueueInfo;
import io.carrick.mqtt.codec.MqttEncoder;
import io.carrick.mqtt.codec.MqttPacket.Connect;
import io.carrick.mqtt.codec.MqttVersion;
import io.carrick.spi.AdapterContext.AttachRequest;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.Consumption;
import io.carrick.spi.Credentials;
import io.carrick.transport.Connection;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From CONNECT to CONNACK: who is it, which session, whose lease (MQTT 3.1.1 §3.1.4). Confined to
 * the connection's loop.
 */
final class ConnectHandler implements ConnectionStage {

  static final int UNACCEPTABLE_VERSION = 1;
  private static final int IDENTIFIER_REJECTED = 2;
  private static final int SERVER_UNAVAILABLE = 3;
  private static final int BAD_USER_OR_PASSWORD = 4;
  private static final int NOT_AUTHORIZED = 5;

  /** Another connection of the client may end the session while this one takes it over. */
  private static final int MOST_ATTEMPTS = 10;

  /** The connection is not there to be told. */
  private static final Completion<Long> UNHEARD =
      new Completion<>() {
        @Override
        public void completed(Long messages) {
          log.trace("a session has ended before its connection was answered");
        }

        @Override
        public void failed(BrokerException reason) {
          log.trace("a session is another connection's by now");
        }
      };

  private static final Logger log = LoggerFactory.getLogger("io.carrick.mqtt");

  private final MqttServer server;
  private final Connection connection;
  private final MqttConnection owner;
  private final Connect connect;
  private final String clientId;

  /** The name of the session's queue, in one string for all who keep it. */
  private final String queue;

  private @Nullable Attachment attachment;
  private int attempts;

  ConnectHandler(MqttConnection owner, Connect connect) {
    this.server = owner.server;
    this.connection = owner.connection;
    this.owner = owner;
    this.connect = connect;
    this.clientId = connect.clientId().isEmpty() ? "auto-" + UUID.randomUUID() : connect.clientId();
    this.queue = Session.queueOf(clientId);
  }

  void start() {
    boolean named = !connect.clientId().isEmpty();
    boolean mayBeNameless = connect.cleanStart() && connect.version() != MqttVersion.V3_1;
    int bytes = clientId.getBytes(StandardCharsets.UTF_8).length;
    if ((!named && !mayBeNameless) || bytes > server.limits.value(Limit.CLIENT_ID_BYTES)) {
      refuse(IDENTIFIER_REJECTED); // [MQTT-3.1.3-8] [MQTT-3.1.3-9]
      return;
    }
    if (connect
        .will()
        .filter(w -> ReservedTopics.forPublishing(server.space.topics().address(w.topic())))
        .isPresent()) {
      refuse(NOT_AUTHORIZED); // MAP-7
      return;
    }
    var credentials =
        new Credentials(
            connect.user(),
            connect.password(),
            clientId,
            "mqtt",
            connection.remoteLoopback(),
            connection.peerCertificates());
    var request =
        new AttachRequest(
            server.space.virtualHost(), credentials, connect.version().toString(), clientId);
    server.context.attach(
        connection.loop(),
        request,
        owner,
        then(
            this::attached,
            refused -> refuse(connect.user().isEmpty() ? NOT_AUTHORIZED : BAD_USER_OR_PASSWORD)));
  }

  private void attached(Attachment port) {
    attachment = port;
    if (owner.ended()) {
      port.close();
      return;
    }
    findSession(port);
  }

  // ---- the session

  private void findSession(Attachment port) {
    if (connect.cleanStart()) {
      discard(port, false); // [MQTT-3.1.2-6]
      return;
    }
    port.findQueue(
        queue,
        then(
            info -> {
              if (info.durable()) {
                Session session =
                    server
                        .sessions
                        .find(clientId)
                        .orElseGet(() -> Session.restored(clientId, port.sessionTable(clientId)));
                lease(new ActiveSession(owner, port, session), true);
              } else {
                discard(port, true);
              }
            },
            absent -> discard(port, true)));
  }

  /** Ends the client's old session, connected or not, and starts a new one. */
  private void discard(Attachment port, boolean persistent) {
    port.deleteQueue(
        queue,
        false,
        false,
        then(
            messages -> {
              port.sessionTable(clientId).clear();
              declare(port, new Session(clientId, persistent));
            },
            this::unavailable));
  }

  private void declare(Attachment port, Session session) {
    var state = new ActiveSession(owner, port, session);
    port.declareQueue(
        session.declaration(queue, server.space.sessions()),
        then((QueueInfo made) -> lease(state, false), refused -> again(port, refused)));
  }

  private void lease(ActiveSession state, boolean present) {
    state.port.consume(
        new ConsumeRequest(queue, false, Mode.LEASE, server.firstMessages, 0),
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
    if (state.session.persistent()) {
      server.sessions.put(state.session);
    }
    MqttEncoder.connAck(
        connection.output().reserve(MqttEncoder.ACK_BYTES),
        present && connect.version() != MqttVersion.V3_1, // [MQTT-3.2.2-2] [MQTT-3.2.2-3]
        0);
    state.start(consumption);
    owner.connected(state, connect);
  }

  // ---- refusals

  private void unavailable(BrokerException why) {
    log.debug("{}: no session: {}", owner, why.getMessage());
    refuse(why instanceof AccessRefusedException ? NOT_AUTHORIZED : SERVER_UNAVAILABLE);
  }

  private void refuse(int returnCode) {
    MqttEncoder.connAck(
        connection.output().reserve(MqttEncoder.ACK_BYTES), false, returnCode); // [MQTT-3.2.2-4]
    owner.refused();
  }

  /** The connection has ended before CONNACK: a session that was made for it goes. */
  void abandon() {
    Attachment port = attachment;
    if (port != null) {
      if (connect.cleanStart()) {
        port.deleteQueue(queue, true, false, UNHEARD);
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
