package io.carrick.mqtt.codec;

import org.jspecify.annotations.Nullable;

/**
 * The peer has sent what the protocol does not allow. It carries the reason code of MQTT 5 and no
 * stack trace: it is an event of the network, not a fault of ours.
 */
public final class MalformedPacketException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int reasonCode;

  /** Of the CONNECT that was malformed, if it got that far. */
  private final @Nullable MqttVersion version;

  /**
   * Makes the event.
   *
   * @param reasonCode of MQTT 5 §2.4
   * @param message what was wrong, for the log
   */
  public MalformedPacketException(int reasonCode, String message) {
    this(reasonCode, message, null);
  }

  private MalformedPacketException(int reasonCode, String message, @Nullable MqttVersion version) {
    super(message, null, false, false);
    this.reasonCode = reasonCode;
    this.version = version;
  }

  static MalformedPacketException malformed(String message) {
    return new MalformedPacketException(ReasonCode.MALFORMED_PACKET, message);
  }

  static MalformedPacketException protocolError(String message) {
    return new MalformedPacketException(ReasonCode.PROTOCOL_ERROR, message);
  }

  /** Returns the same of a CONNECT that has named its version. */
  MalformedPacketException in(MqttVersion named) {
    return new MalformedPacketException(reasonCode, message(), named);
  }

  /** Returns what was wrong. */
  public String message() {
    return String.valueOf(getMessage());
  }

  /** Returns the version that a malformed CONNECT has named; null if it is another packet. */
  public @Nullable MqttVersion version() {
    return version;
  }

  /** Returns the reason code of MQTT 5 §2.4. */
  public int reasonCode() {
    return reasonCode;
  }
}
