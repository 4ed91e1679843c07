package io.carrick;

/** The broker did not take responsibility for a message (AMQP nack, MQTT 0x83 or 0x97). */
public final class PublishRejectedException extends BrokerException {

  private static final long serialVersionUID = 1L;

  private final Refusal refusal;

  /**
   * Makes the answer.
   *
   * @param refusal which kind, for the protocol's code
   * @param message what was refused and why, for people
   */
  public PublishRejectedException(Refusal refusal, String message) {
    super(message);
    this.refusal = refusal;
  }

  /** Returns the kind of refusal. */
  public Refusal refusal() {
    return refusal;
  }
}
