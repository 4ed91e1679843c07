package io.carrick;

/** What exists differs from what was asked for, or an argument is wrong (AMQP 406). */
public final class PreconditionFailedException extends BrokerException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the answer.
   *
   * @param message what was refused and why, for people
   */
  public PreconditionFailedException(String message) {
    super(message);
  }
}
