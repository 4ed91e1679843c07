package io.carrick.spi;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a queue shall be. Immutable.
 *
 * @param name its name; empty asks for a generated one ({@code amq.gen-…})
 * @param durable whether it outlives the broker
 * @param exclusive whether it belongs to the declaring client alone and goes with it
 * @param autoDelete whether it goes when its last consumer has gone
 * @param arguments as given, compared when it is declared again
 * @param session what makes it a session's queue; null for an ordinary one
 */
public record QueueDeclaration(
    String name,
    boolean durable,
    boolean exclusive,
    boolean autoDelete,
    Map<String, Object> arguments,
    @Nullable SessionQueue session) {

  /** Copies the arguments. */
  public QueueDeclaration {
    arguments = Map.copyOf(arguments);
  }

  /**
   * What a session's queue has beside an ordinary one: it is bounded by {@link
   * io.carrick.Limit#SESSION_QUEUE_MESSAGES} and its bytes and drops its oldest, unless its
   * arguments say less or otherwise; its name may have a reserved prefix; only clients that its
   * admission {@linkplain Admission#admits admits} may consume, bind or delete it, and of those
   * only its user, if it has one.
   *
   * <p>The broker keeps it as long as the queue, so an adapter's own session object may be it. All
   * answers stay the same; thread-safe.
   */
  public interface SessionQueue {

    /** Returns the session's name, the MQTT client id. */
    String name();

    /** Returns what decides about each message that is routed to the queue. */
    Admission admission();

    /** Returns the user whose it is; empty if it belongs to nobody in particular. */
    default Optional<String> user() {
      return Optional.empty();
    }

    /** One that is nothing but the two, and nobody's in particular. */
    static SessionQueue of(String name, Admission admission) {
      return of(name, admission, Optional.empty());
    }

    /** One that is nothing but the three. */
    static SessionQueue of(String name, Admission admission, Optional<String> user) {
      return new PlainSessionQueue(name, admission, user);
    }
  }
}
