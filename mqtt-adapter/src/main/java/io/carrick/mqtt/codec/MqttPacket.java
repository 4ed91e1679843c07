package io.carrick.mqtt.codec;

import java.util.List;
import java.util.Optional;

/**
 * A packet from a client, but for PUBLISH and the acknowledgements, which {@link MqttDecoder.Sink}
 * takes without an object of their own. Immutable.
 */
public sealed interface MqttPacket {

  /**
   * CONNECT.
   *
   * @param version what the client speaks
   * @param clientId empty if the server shall choose one
   * @param cleanStart whether an old session is discarded (MQTT 3: and the new one ends with the
   *     connection)
   * @param keepAliveSeconds 0 for none
   * @param will what to publish if the client vanishes
   * @param user empty for none
   * @param password the secret's bytes, empty for none
   * @param properties none in MQTT 3
   */
  record Connect(
      MqttVersion version,
      String clientId,
      boolean cleanStart,
      int keepAliveSeconds,
      Optional<WillMessage> will,
      String user,
      byte[] password,
      PacketProperties properties)
      implements MqttPacket {

    @Override
    public String toString() {
      return "Connect[" + version + ", " + clientId + "]";
    }
  }

  /**
   * The will in a CONNECT.
   *
   * @param topic in UTF-8
   * @param payload what to publish
   * @param qos 0, 1 or 2
   * @param retain whether it becomes the topic's last value
   * @param properties none in MQTT 3
   */
  record WillMessage(
      byte[] topic, byte[] payload, int qos, boolean retain, PacketProperties properties) {}

  /**
   * SUBSCRIBE.
   *
   * @param packetId to be named in SUBACK
   * @param subscriptions at least one
   * @param properties none in MQTT 3
   */
  record Subscribe(int packetId, List<Subscription> subscriptions, PacketProperties properties)
      implements MqttPacket {}

  /**
   * One filter of a SUBSCRIBE.
   *
   * @param filter in UTF-8, with wildcards where they may stand
   * @param options as they stand on the wire (MQTT 5 §3.8.3.1); MQTT 3 has the QoS alone
   */
  record Subscription(byte[] filter, int options) {

    static final int QOS = 0x03;
    static final int NO_LOCAL = 0x04;
    static final int RETAIN_AS_PUBLISHED = 0x08;
    static final int RETAIN_HANDLING = 0x30;
    static final int RESERVED = 0xC0;

    /** Returns the highest QoS that the client wants. */
    public int qos() {
      return options & QOS;
    }

    /** Returns whether the client does not want what it publishes itself. */
    public boolean noLocal() {
      return (options & NO_LOCAL) != 0;
    }

    /** Returns whether messages keep the retain flag with which they were published. */
    public boolean retainAsPublished() {
      return (options & RETAIN_AS_PUBLISHED) != 0;
    }

    /** Returns when retained messages are wanted: always, if the subscription is new, or never. */
    public int retainHandling() {
      return (options & RETAIN_HANDLING) >> 4;
    }
  }

  /**
   * UNSUBSCRIBE.
   *
   * @param packetId to be named in UNSUBACK
   * @param filters at least one, in UTF-8
   */
  record Unsubscribe(int packetId, List<byte[]> filters) implements MqttPacket {}

  /** PINGREQ. */
  record PingReq() implements MqttPacket {
    static final PingReq PING_REQ = new PingReq();
  }

  /**
   * DISCONNECT.
   *
   * @param reasonCode {@link ReasonCode}; MQTT 3 has success alone
   * @param properties none in MQTT 3
   */
  record Disconnect(int reasonCode, PacketProperties properties) implements MqttPacket {
    static final Disconnect NORMAL = new Disconnect(ReasonCode.SUCCESS, PacketProperties.NONE);
  }

  /**
   * AUTH, of MQTT 5 only.
   *
   * @param reasonCode {@link ReasonCode#CONTINUE_AUTHENTICATION} or {@link
   *     ReasonCode#REAUTHENTICATE}
   * @param properties method and data
   */
  record Auth(int reasonCode, PacketProperties properties) implements MqttPacket {}

  /**
   * A CONNECT of a version that this server does not speak.
   *
   * @param level what it named
   */
  record UnsupportedVersion(int level) implements MqttPacket {}
}
