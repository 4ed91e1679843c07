package io.carrick.engine.topology;

import io.carrick.AccessRefusedException;
import io.carrick.NotFoundException;
import io.carrick.ResourceLockedException;

/**
 * What a virtual host has as people are told of it, in RabbitMQ's words. Immutable.
 *
 * @param virtualHost the virtual host's name
 */
record Called(String virtualHost) {

  /** How names begin that only the broker gives. */
  static final String RESERVED = "amq.";

  String exchange(String name) {
    return "exchange '" + name + "' in vhost '" + virtualHost + "'";
  }

  String queue(String name) {
    return "queue '" + name + "' in vhost '" + virtualHost + "'";
  }

  NotFoundException no(String what) {
    return new NotFoundException("no " + what);
  }

  AccessRefusedException sessions(String queue) {
    return new AccessRefusedException(queue(queue) + " belongs to a session");
  }

  ResourceLockedException locked(String queue) {
    return new ResourceLockedException(
        "cannot obtain exclusive access to locked "
            + queue(queue)
            + ". It could be originally declared on another connection or the exclusive property"
            + " value does not match that of the original declaration.");
  }

  static AccessRefusedException reserved(String kind, String wanted, String prefix) {
    return new AccessRefusedException(
        kind + " name '" + wanted + "' contains reserved prefix '" + prefix + "*'");
  }

  static AccessRefusedException defaultExchange() {
    return new AccessRefusedException("operation not permitted on the default exchange");
  }
}
