package io.carrick.spi;

import java.util.Map;
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
   * admission {@linkplain Admission#admits admits} may consume, bind or delete it.
   *
   * <p>The broker keeps it as long as the queue, so an adapter's own session object may be it. Both
   * answers stay the same; thread-safe.
   */
  public interface SessionQueue {

    /** Returns the session's name, the MQTT client id. */
    String name();

    /** Returns what decides about each message that is routed to the queue. */
    Admission admission();

    /** One that is nothing but the two. */
    static SessionQueue of(String name, Admission admission) {
      return new PlainSessionQueue(name, admission);
    }
  }
}
