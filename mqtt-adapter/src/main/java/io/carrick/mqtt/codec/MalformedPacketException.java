package io.carrick.mqtt.codec;

/**
 * The peer has sent what the protocol does not allow. It carries the reason code of MQTT 5 and no
 * stack trace: it is an event of the network, not a fault of ours.
 */
public final class MalformedPacketException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Malformed Packet. */
  public static final int MALFORMED = 0x81;

  /** Protocol Error. */
  public static final int PROTOCOL_ERROR = 0x82;

  /** Packet too large. */
  public static final int TOO_LARGE = 0x95;

  private final int reasonCode;

  /**
   * Makes the event.
   *
   * @param reasonCode of MQTT 5 §2.4
   * @param message what was wrong, for the log
   */
  public MalformedPacketException(int reasonCode, String message) {
    super(message, null, false, false);
    this.reasonCode = reasonCode;
  }

  static MalformedPacketException malformed(String message) {
    return new MalformedPacketException(MALFORMED, message);
  }

  /** Returns the reason code of MQTT 5 §2.4. */
  public int reasonCode() {
    return reasonCode;
  }
}
