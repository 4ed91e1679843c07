package io.carrick;

/** The broker lets nobody in any more (AMQP 320, MQTT 0x88, 0x9C or 0x9D). */
public final class DrainingException extends BrokerException {

  private static final long serialVersionUID = 1L;

  private final transient Referral referral;

  /**
   * Makes the answer.
   *
   * @param referral where else to go
   */
  public DrainingException(Referral referral) {
    super(referral.text());
    this.referral = referral;
  }

  /** Returns where else to go. */
  public Referral referral() {
    return referral;
  }
}
