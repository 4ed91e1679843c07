package io.carrick.spi;

import io.carrick.Message;
import org.jspecify.annotations.Nullable;

/**
 * Decides, for a session's queue, what becomes of a message that one or more of its bindings
 * matched.
 */
@FunctionalInterface
public interface Admission {

  /**
   * Merges the matched bindings' attachments to one verdict. Runs for each message in the loop of
   * its publisher, since only what is to be queued is stored, and again in the queue's loop for a
   * message whose tag the store has not kept. It depends on nothing but its arguments, is fast,
   * never blocks and should return shared verdicts.
   *
   * @param message the message
   * @param attachments {@link io.carrick.Binding#attachment()} of the matched bindings, the first
   *     {@code count} elements; the array is reused after the call
   * @param count how many matched, at least 1
   */
  Verdict admit(Message message, @Nullable Object[] attachments, int count);

  /**
   * Returns whether a client may use the queue: consume it, bind it, delete it. One by the
   * session's name, unless it is the queue of several (a shared subscription). Depends on nothing
   * but its arguments.
   *
   * @param session the queue's {@linkplain QueueDeclaration.SessionQueue#name session}
   * @param clientId as the client was authenticated
   */
  default boolean admits(String session, String clientId) {
    return session.equals(clientId);
  }

  /**
   * What becomes of a message. Immutable, to be shared.
   *
   * @param kind whether it is dropped, passed through or queued
   * @param tag opaque: comes back with the delivery
   */
  record Verdict(Kind kind, @Nullable Object tag) {

    /** The message is not for this session. */
    public static final Verdict DROP = new Verdict(Kind.DROP, null);
  }

  /** The three fates. */
  enum Kind {
    /** Not delivered, not counted as a loss. */
    DROP,
    /** Handed to the consumer if there is one now, at most once, never stored. */
    TRANSIENT,
    /** Queued until settled. */
    ENQUEUE
  }
}
