package io.carrick;

/** The root of what the broker refuses; each subtype is one of AMQP's own reasons. */
public abstract sealed class BrokerException extends RuntimeException
    permits AccessRefusedException,
        DrainingException,
        NotFoundException,
        NotSupportedException,
        PreconditionFailedException,
        PublishRejectedException,
        ResourceLockedException {

  private static final long serialVersionUID = 1L;

  /** A refusal is an answer, not a fault of the program, so it carries no stack trace. */
  BrokerException(String message) {
    super(message, null, false, false);
  }
}
