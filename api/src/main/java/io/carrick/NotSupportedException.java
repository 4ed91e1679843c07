package io.carrick;

/** What was asked for is not done with what it was asked of (AMQP 540). */
public final class NotSupportedException extends BrokerException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the answer.
   *
   * @param message what was asked of what, for people
   */
  public NotSupportedException(String message) {
    super(message);
  }
}
