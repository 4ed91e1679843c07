package io.carrick.exchange;

import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;

/** The weight that a binding key of an {@code x-consistent-hash} exchange is. Stateless. */
final class Weight {

  private Weight() {}

  /**
   * Reads a binding key.
   *
   * @return 1 to 2^31 - 1
   * @throws PreconditionFailedException when it is none, in RabbitMQ's words
   */
  static int of(RoutingKey key) {
    String text = key.asKey();
    int weight;
    try {
      weight = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new PreconditionFailedException(
          "The binding key must be an integer: <<\"" + text + "\">>");
    }
    if (weight < 1) {
      throw new PreconditionFailedException("The binding key must be greater than 0");
    }
    return weight;
  }
}
