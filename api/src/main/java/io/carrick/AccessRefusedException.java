package io.carrick;

/** The client may not do that (AMQP 403, MQTT 0x87). */
public final class AccessRefusedException extends BrokerException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the answer.
   *
   * @param message what was refused and why, for people
   */
  public AccessRefusedException(String message) {
    super(message);
  }
}
