package io.carrick.mqtt;

import io.carrick.BrokerException;
import io.carrick.Identity;
import io.carrick.mqtt.codec.MalformedPacketException;
import io.carrick.mqtt.codec.MqttEncoder;
import io.carrick.mqtt.codec.MqttPacket.Auth;
import io.carrick.mqtt.codec.PacketProperties;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.mqtt.codec.Property;
import io.carrick.mqtt.codec.ReasonCode;
import io.carrick.spi.Completion;
import io.carrick.spi.Credentials;
import io.carrick.spi.SaslLogin;
import io.carrick.spi.SaslMechanism;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The conversations in which a client proves who it is, by the method that its CONNECT has named
 * (MQTT 5 §4.12): the first one, and another whenever it wants to. Confined to the connection's
 * loop.
 */
final class Authentication {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.mqtt");

  /** As much as a property takes. */
  private static final int MOST_DATA = 0xFFFF;

  private final MqttConnection owner;
  private final String method;

  /** What is known of the client without a word of it. */
  private final Credentials peer;

  private final ConnectOptions options;

  /** Null while no conversation is under way. */
  private @Nullable Conversation underWay;

  Authentication(MqttConnection owner, String method, Credentials peer, ConnectOptions options) {
    this.owner = owner;
    this.method = method;
    this.peer = peer;
    this.options = options;
  }

  /** Who is told what a conversation comes to. */
  interface Outcome {

    /** It is the client's turn. */
    void asked();

    /**
     * The client has proved who it is.
     *
     * @param last what it is told with that, empty for nothing
     */
    void accepted(Identity who, byte[] last);

    /** It has not. */
    void refused();
  }

  /** Returns whether there is such a method; else nothing is to be begun. */
  boolean known() {
    return owner.server.context.mechanisms().contains(method);
  }

  /**
   * Begins a conversation.
   *
   * @param said the properties of CONNECT or AUTH: the data is the client's first words
   */
  void begin(PacketProperties said, Outcome outcome) {
    SaslLogin login = owner.server.context.login(owner.connection.loop(), method, peer);
    var conversation = new Conversation(login, outcome);
    underWay = conversation;
    conversation.respond(said);
  }

  /**
   * Takes the client's AUTH.
   *
   * @param again who is told if it wants to prove anew who it is; null before it is let in
   * @throws MalformedPacketException if it is not its turn, or names another method
   */
  void onAuth(Auth auth, @Nullable Outcome again) {
    PacketProperties said = auth.properties();
    if (!said.text(Property.AUTHENTICATION_METHOD).equals(Optional.of(method))) {
      throw wrong("an AUTH of another method"); // [MQTT-4.12.0-5] [MQTT-4.12.1-1]
    }
    Conversation conversation = underWay;
    if (auth.reasonCode() == ReasonCode.CONTINUE_AUTHENTICATION) {
      if (conversation == null || !conversation.asked) {
        throw wrong("an AUTH that answers nothing");
      }
      conversation.respond(said);
    } else if (conversation != null || again == null) {
      throw wrong("an AUTH that begins while another conversation goes on");
    } else {
      begin(said, again);
    }
  }

  private static MalformedPacketException wrong(String why) {
    return new MalformedPacketException(ReasonCode.PROTOCOL_ERROR, why);
  }

  /**
   * Looks at the first byte of a packet that has come before CONNACK, so that nothing is kept of
   * one that has no business there [MQTT-3.1.2-30].
   *
   * @throws MalformedPacketException if it is neither AUTH nor DISCONNECT
   */
  static void checkType(int first) {
    PacketType type = PacketType.of(first);
    if (type != PacketType.AUTH && type != PacketType.DISCONNECT) {
      throw wrong("a " + type + " before CONNACK");
    }
  }

  /**
   * Returns what every AUTH and a successful CONNACK have [MQTT-4.12.0-5].
   *
   * @param data empty for none
   */
  PacketProperties.Builder properties(byte[] data) {
    PacketProperties.Builder made =
        PacketProperties.builder().text(Property.AUTHENTICATION_METHOD, method);
    return data.length == 0 ? made : made.binary(Property.AUTHENTICATION_DATA, data);
  }

  /**
   * Writes AUTH.
   *
   * @return whether it was short enough for the client [MQTT-3.1.2-24]
   */
  boolean write(int reasonCode, byte[] data) {
    PacketProperties properties = properties(data).build();
    if (MqttEncoder.packetBytes(1, properties) > options.maximumPacketSize()) {
      return false;
    }
    owner.writer().auth(reasonCode, properties);
    return true;
  }

  /** One conversation. Confined to the connection's loop. */
  private final class Conversation implements Completion<SaslMechanism.Step> {

    private final SaslLogin login;
    private final Outcome outcome;

    /** Whether it is the client's turn. */
    private boolean asked;

    Conversation(SaslLogin login, Outcome outcome) {
      this.login = login;
      this.outcome = outcome;
    }

    void respond(PacketProperties said) {
      asked = false;
      login.respond(said.binary(Property.AUTHENTICATION_DATA).orElse(new byte[0]), this);
    }

    @Override
    public void completed(SaslMechanism.Step next) {
      if (owner.ended()) {
        return;
      }
      Identity who = next.identity().orElse(null);
      if (next.bytes().length > MOST_DATA) {
        log.error("{}: {} says more than a packet takes", owner, method);
        refused();
      } else if (who != null) {
        underWay = null;
        outcome.accepted(who.withClientId(peer.clientId()), next.bytes());
      } else if (write(ReasonCode.CONTINUE_AUTHENTICATION, next.bytes())) { // [MQTT-4.12.0-2]
        asked = true;
        outcome.asked();
      } else {
        refused();
      }
    }

    @Override
    public void failed(BrokerException reason) {
      if (!owner.ended()) {
        log.debug("{}: {} has not proved who the client is", owner, method);
        refused();
      }
    }

    private void refused() {
      underWay = null;
      outcome.refused();
    }
  }
}
