package io.carrick.amqp;

import io.carrick.AccessRefusedException;
import io.carrick.BrokerException;
import io.carrick.DrainingException;
import io.carrick.NotFoundException;
import io.carrick.NotSupportedException;
import io.carrick.PreconditionFailedException;
import io.carrick.PublishRejectedException;
import io.carrick.ResourceLockedException;
import io.carrick.amqp.codec.AmqpException;
import io.carrick.amqp.codec.ExchangeMethod;
import io.carrick.amqp.codec.Method;
import io.carrick.amqp.codec.ReplyCode;
import java.util.Objects;

/** What the broker refuses, in AMQP's codes. Stateless. */
final class Refusals {

  private Refusals() {}

  static AmqpException of(BrokerException refused, Method cause) {
    String text = Objects.requireNonNullElse(refused.getMessage(), "refused");
    return new AmqpException(code(refused, cause), text, cause.classId(), cause.methodId());
  }

  private static ReplyCode code(BrokerException refused, Method cause) {
    if (refused instanceof NotFoundException
        && cause instanceof ExchangeMethod.Declare declare
        && !declare.passive()) {
      return ReplyCode.COMMAND_INVALID; // a type that is not there, AMQP 0-9-1 §1.6.2.1
    }
    return code(refused);
  }

  private static ReplyCode code(BrokerException refused) {
    if (refused instanceof NotFoundException) {
      return ReplyCode.NOT_FOUND;
    } else if (refused instanceof DrainingException) {
      return ReplyCode.CONNECTION_FORCED;
    } else if (refused instanceof AccessRefusedException) {
      return ReplyCode.ACCESS_REFUSED;
    } else if (refused instanceof PreconditionFailedException) {
      return ReplyCode.PRECONDITION_FAILED;
    } else if (refused instanceof NotSupportedException) {
      return ReplyCode.NOT_IMPLEMENTED;
    } else if (refused instanceof ResourceLockedException) {
      return ReplyCode.RESOURCE_LOCKED;
    } else if (refused instanceof PublishRejectedException rejected) {
      return switch (rejected.refusal()) {
        case NOT_AUTHORIZED -> ReplyCode.ACCESS_REFUSED;
        case LIMIT, INTERCEPTED, STORE, MEMORY, DISK -> ReplyCode.PRECONDITION_FAILED;
      };
    }
    throw new IllegalStateException("a refusal without a code", refused);
  }
}
