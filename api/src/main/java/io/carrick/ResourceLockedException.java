package io.carrick;

/** Another client owns the queue exclusively (AMQP 405). */
public final class ResourceLockedException extends BrokerException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the answer.
   *
   * @param message what was refused and why, for people
   */
  public ResourceLockedException(String message) {
    super(message);
  }
}
