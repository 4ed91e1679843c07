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
   */
  record Connect(
      MqttVersion version,
      String clientId,
      boolean cleanStart,
      int keepAliveSeconds,
      Optional<WillMessage> will,
      String user,
      byte[] password)
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
   */
  record WillMessage(byte[] topic, byte[] payload, int qos, boolean retain) {}

  /**
   * SUBSCRIBE.
   *
   * @param packetId to be named in SUBACK
   * @param subscriptions at least one
   */
  record Subscribe(int packetId, List<Subscription> subscriptions) implements MqttPacket {}

  /**
   * One filter of a SUBSCRIBE.
   *
   * @param filter in UTF-8, with wildcards where they may stand
   * @param qos the highest that the client wants
   */
  record Subscription(byte[] filter, int qos) {}

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

  /** DISCONNECT. */
  record Disconnect() implements MqttPacket {
    static final Disconnect DISCONNECT = new Disconnect();
  }

  /**
   * A CONNECT of a version that this server does not speak.
   *
   * @param level what it named
   */
  record UnsupportedVersion(int level) implements MqttPacket {}
}
