package io.carrick.mqtt;

import io.carrick.mqtt.codec.MqttEncoder;
import io.carrick.mqtt.codec.MqttPacket.Connect;
import io.carrick.mqtt.codec.MqttVersion;
import io.carrick.mqtt.codec.PacketProperties;
import io.carrick.mqtt.codec.Property;

/**
 * What a client has said in CONNECT of how it wants to be served (MQTT 5 §3.1.2.11); a client of
 * MQTT 3 has said it with its clean session flag. Immutable; most clients share one.
 *
 * @param sessionExpiryMs how long the session outlives the connection; {@link #FOR_EVER} for ever
 * @param receiveMaximum how many messages of QoS 1 and 2 it takes at a time
 * @param maximumPacketSize the longest packet that it takes, in bytes
 * @param topicAliasMaximum how many topic aliases it takes
 * @param problemInformation whether it wants to be told why
 * @param responseInformation whether it wants to be told where answers to it may go
 */
record ConnectOptions(
    long sessionExpiryMs,
    int receiveMaximum,
    long maximumPacketSize,
    int topicAliasMaximum,
    boolean problemInformation,
    boolean responseInformation) {

  static final long FOR_EVER = Long.MAX_VALUE;
  static final long ANY_SIZE = MqttEncoder.MOST_BYTES;

  private static final long NEVER_EXPIRES = 0xFFFF_FFFFL;
  static final int MOST_TO_RECEIVE = 0xFFFF;

  /** What is known of a client whose CONNECT was wrong. */
  static final ConnectOptions UNKNOWN = plain(0);

  private static final ConnectOptions ENDING = plain(0);
  private static final ConnectOptions LASTING = plain(FOR_EVER);

  private static ConnectOptions plain(long sessionExpiryMs) {
    return new ConnectOptions(sessionExpiryMs, MOST_TO_RECEIVE, ANY_SIZE, 0, true, false);
  }

  /**
   * Reads a CONNECT.
   *
   * @param mqtt what there is less of than MQTT has
   */
  static ConnectOptions of(Connect connect, MqttOptions mqtt) {
    PacketProperties p = connect.properties();
    if (connect.version() != MqttVersion.V5) {
      if (connect.cleanStart()) {
        return ENDING;
      }
      long mostMs = mqtt.sessionExpiryMs();
      return mostMs == FOR_EVER ? LASTING : plain(mostMs);
    }
    if (p.isEmpty()) {
      return ENDING;
    }
    return new ConnectOptions(
        mqtt.sessionExpiry(expiryMs(p, 0)),
        (int) p.number(Property.RECEIVE_MAXIMUM, MOST_TO_RECEIVE),
        Math.min(ANY_SIZE, p.number(Property.MAXIMUM_PACKET_SIZE, ANY_SIZE)),
        (int) p.number(Property.TOPIC_ALIAS_MAXIMUM, 0),
        p.number(Property.REQUEST_PROBLEM_INFORMATION, 1) == 1,
        p.number(Property.REQUEST_RESPONSE_INFORMATION, 0) == 1);
  }

  /**
   * Returns the session expiry of CONNECT or DISCONNECT in milliseconds.
   *
   * @param otherwise if it is not there
   */
  static long expiryMs(PacketProperties properties, long otherwise) {
    long seconds = properties.number(Property.SESSION_EXPIRY_INTERVAL, -1);
    if (seconds < 0) {
      return otherwise;
    }
    return seconds == NEVER_EXPIRES ? FOR_EVER : seconds * 1_000;
  }

  /** Returns whether the session outlives its connection. */
  boolean persistent() {
    return sessionExpiryMs > 0;
  }
}
