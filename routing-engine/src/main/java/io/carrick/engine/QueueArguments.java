package io.carrick.engine;

import io.carrick.PreconditionFailedException;
import io.carrick.engine.queue.Lifetime;
import io.carrick.spi.QueueDeclaration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The arguments of queues that are known here. Stateless.
 *
 * <p>Who asks that messages expire, are counted or go elsewhere must not believe that they do: what
 * is not supported yet is refused. What only chooses an implementation is taken, and what nobody
 * knows is the application's own.
 */
final class QueueArguments {

  private static final String TYPE = "x-queue-type";
  private static final String CLASSIC = "classic";
  private static final Set<String> TYPES = Set.of(CLASSIC, "quorum");

  private static final List<String> NOT_SUPPORTED =
      List.of(
          "x-max-length",
          "x-max-length-bytes",
          "x-overflow",
          "x-dead-letter-exchange",
          "x-dead-letter-routing-key",
          "x-dead-letter-strategy",
          "x-max-priority",
          "x-single-active-consumer",
          "x-delivery-limit");

  private QueueArguments() {}

  /**
   * Checks the arguments of a new queue.
   *
   * @throws PreconditionFailedException for what would be promised and not kept
   */
  static void check(QueueDeclaration declaration) {
    Map<String, Object> arguments = declaration.arguments();
    for (String name : NOT_SUPPORTED) {
      if (arguments.containsKey(name)) {
        throw new PreconditionFailedException(
            "argument '" + name + "' of queue '" + declaration.name() + "' is not supported");
      }
    }
    Lifetime.of(declaration); // throws for what is no time
    if (!TYPES.contains(type(declaration))) {
      throw new PreconditionFailedException(
          "type '" + type(declaration) + "' of queue '" + declaration.name() + "' is unknown");
    }
  }

  /** Returns which kind of queue is asked for, in which two declarations must agree. */
  static String type(QueueDeclaration declaration) {
    return String.valueOf(declaration.arguments().getOrDefault(TYPE, CLASSIC));
  }
}
