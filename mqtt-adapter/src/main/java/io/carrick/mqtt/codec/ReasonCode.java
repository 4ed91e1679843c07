package io.carrick.mqtt.codec;

/**
 * The reason codes of MQTT 5 §2.4, by the names that they have there. Handlers speak them whatever
 * the client's version is; a client of MQTT 3 gets what its version has for them.
 */
public final class ReasonCode {

  /** All codes from here on are failures. */
  public static final int FIRST_FAILURE = 0x80;

  /** Success, Normal disconnection, Granted QoS 0. */
  public static final int SUCCESS = 0x00;

  /** Disconnect with Will Message. */
  public static final int DISCONNECT_WITH_WILL = 0x04;

  /** No matching subscribers. */
  public static final int NO_MATCHING_SUBSCRIBERS = 0x10;

  /** No subscription existed. */
  public static final int NO_SUBSCRIPTION_EXISTED = 0x11;

  /** Continue authentication. */
  public static final int CONTINUE_AUTHENTICATION = 0x18;

  /** Re-authenticate. */
  public static final int REAUTHENTICATE = 0x19;

  /** Unspecified error. */
  public static final int UNSPECIFIED = 0x80;

  /** Malformed Packet. */
  public static final int MALFORMED_PACKET = 0x81;

  /** Protocol Error. */
  public static final int PROTOCOL_ERROR = 0x82;

  /** Implementation specific error. */
  public static final int IMPLEMENTATION_SPECIFIC = 0x83;

  /** Unsupported Protocol Version. */
  public static final int UNSUPPORTED_VERSION = 0x84;

  /** Client Identifier not valid. */
  public static final int CLIENT_ID_NOT_VALID = 0x85;

  /** Bad User Name or Password. */
  public static final int BAD_USER_OR_PASSWORD = 0x86;

  /** Not authorized. */
  public static final int NOT_AUTHORIZED = 0x87;

  /** Server unavailable. */
  public static final int SERVER_UNAVAILABLE = 0x88;

  /** Server busy. */
  public static final int SERVER_BUSY = 0x89;

  /** Server shutting down. */
  public static final int SERVER_SHUTTING_DOWN = 0x8B;

  /** Bad authentication method. */
  public static final int BAD_AUTHENTICATION_METHOD = 0x8C;

  /** Keep Alive timeout. */
  public static final int KEEP_ALIVE_TIMEOUT = 0x8D;

  /** Session taken over. */
  public static final int SESSION_TAKEN_OVER = 0x8E;

  /** Topic Filter invalid. */
  public static final int TOPIC_FILTER_INVALID = 0x8F;

  /** Topic Name invalid. */
  public static final int TOPIC_NAME_INVALID = 0x90;

  /** Packet Identifier in use. */
  public static final int PACKET_ID_IN_USE = 0x91;

  /** Packet Identifier not found. */
  public static final int PACKET_ID_NOT_FOUND = 0x92;

  /** Receive Maximum exceeded. */
  public static final int RECEIVE_MAXIMUM_EXCEEDED = 0x93;

  /** Topic Alias invalid. */
  public static final int TOPIC_ALIAS_INVALID = 0x94;

  /** Packet too large. */
  public static final int PACKET_TOO_LARGE = 0x95;

  /** Message rate too high. */
  public static final int MESSAGE_RATE_TOO_HIGH = 0x96;

  /** Quota exceeded. */
  public static final int QUOTA_EXCEEDED = 0x97;

  /** Administrative action. */
  public static final int ADMINISTRATIVE_ACTION = 0x98;

  /** Payload format invalid. */
  public static final int PAYLOAD_FORMAT_INVALID = 0x99;

  /** Retain not supported. */
  public static final int RETAIN_NOT_SUPPORTED = 0x9A;

  /** QoS not supported. */
  public static final int QOS_NOT_SUPPORTED = 0x9B;

  /** Use another server. */
  public static final int USE_ANOTHER_SERVER = 0x9C;

  /** Server moved. */
  public static final int SERVER_MOVED = 0x9D;

  /** Shared Subscriptions not supported. */
  public static final int SHARED_NOT_SUPPORTED = 0x9E;

  /** Connection rate exceeded. */
  public static final int CONNECTION_RATE_EXCEEDED = 0x9F;

  /** Maximum connect time. */
  public static final int MAXIMUM_CONNECT_TIME = 0xA0;

  /** Subscription Identifiers not supported. */
  public static final int SUBSCRIPTION_IDS_NOT_SUPPORTED = 0xA1;

  /** Wildcard Subscriptions not supported. */
  public static final int WILDCARDS_NOT_SUPPORTED = 0xA2;

  private ReasonCode() {}

  /** Returns whether a code says that something was not done. */
  public static boolean isFailure(int code) {
    return code >= FIRST_FAILURE;
  }

  /**
   * Checks the code that a client has sent in an acknowledgement.
   *
   * @throws MalformedPacketException if it has another packet's [MQTT-3.4.2-1] [MQTT-3.5.2-1]
   *     [MQTT-3.6.2-1] [MQTT-3.7.2-1]
   */
  static void checkAck(PacketType type, int code) {
    boolean right =
        switch (type) {
          case PUBREL, PUBCOMP -> code == SUCCESS || code == PACKET_ID_NOT_FOUND;
          default ->
              switch (code) {
                case SUCCESS,
                    NO_MATCHING_SUBSCRIBERS,
                    UNSPECIFIED,
                    IMPLEMENTATION_SPECIFIC,
                    NOT_AUTHORIZED,
                    TOPIC_NAME_INVALID,
                    PACKET_ID_IN_USE,
                    QUOTA_EXCEEDED,
                    PAYLOAD_FORMAT_INVALID ->
                    true;
                default -> false;
              };
        };
    check(right, type, code);
  }

  /**
   * Checks the code that a client has sent in DISCONNECT.
   *
   * @throws MalformedPacketException if it is none that a client may send [MQTT-3.14.2-1]
   */
  static void checkDisconnect(int code) {
    boolean right =
        switch (code) {
          case SUCCESS,
              DISCONNECT_WITH_WILL,
              UNSPECIFIED,
              MALFORMED_PACKET,
              PROTOCOL_ERROR,
              IMPLEMENTATION_SPECIFIC,
              TOPIC_NAME_INVALID,
              RECEIVE_MAXIMUM_EXCEEDED,
              TOPIC_ALIAS_INVALID,
              PACKET_TOO_LARGE,
              MESSAGE_RATE_TOO_HIGH,
              QUOTA_EXCEEDED,
              ADMINISTRATIVE_ACTION,
              PAYLOAD_FORMAT_INVALID ->
              true;
          default -> false;
        };
    check(right, PacketType.DISCONNECT, code);
  }

  /**
   * Checks the code that a client has sent in AUTH.
   *
   * @throws MalformedPacketException if it is none that a client may send [MQTT-3.15.2-1]
   */
  static void checkAuth(int code) {
    check(code == CONTINUE_AUTHENTICATION || code == REAUTHENTICATE, PacketType.AUTH, code);
  }

  private static void check(boolean right, PacketType type, int code) {
    if (!right) {
      throw MalformedPacketException.protocolError(
          type + " with reason code 0x" + Integer.toHexString(code));
    }
  }
}
