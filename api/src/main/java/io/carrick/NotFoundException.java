package io.carrick;

/** There is no such exchange, queue or virtual host (AMQP 404). */
public final class NotFoundException extends BrokerException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the answer.
   *
   * @param message what was refused and why, for people
   */
  public NotFoundException(String message) {
    super(message);
  }
}
