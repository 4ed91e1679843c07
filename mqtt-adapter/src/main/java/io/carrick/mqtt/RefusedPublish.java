package io.carrick.mqtt;

/**
 * What becomes of a client of MQTT 3 whose message every queue that it was for has refused: there
 * is no packet that says so (MAP-14). Silence is no choice.
 */
public enum RefusedPublish {
  /** The connection ends, and the client may send the message again when it is back. */
  CLOSE_CONNECTION,
  /**
   * The client gets PUBACK or PUBREC as if the message had been taken: it is lost to the client,
   * and the connection stays. For clients that would come back at once with the same message.
   */
  POSITIVE_ACK
}
