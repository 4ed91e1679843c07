package io.carrick.mqtt;

/**
 * A client publishes to a topic whose routing key AMQP cannot carry, which is refused (MAP-6), or
 * to one that the user's own mapping has no key for (MAP-9).
 */
final class RefusedTopicException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  RefusedTopicException(String why) {
    super(why, null, false, false);
  }
}
