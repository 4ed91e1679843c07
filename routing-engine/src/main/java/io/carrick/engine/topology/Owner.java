package io.carrick.engine.topology;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.engine.delivery.LoopContext;
import java.util.List;

/**
 * A connected client as the topology knows it: who declares names, and whose an exclusive queue is.
 * Called in the client's loop.
 */
public interface Owner {

  /** Returns the engine's side of the client's loop. Callable from any thread. */
  LoopContext context();

  /** Names it for people. Callable from any thread. */
  String connectionId();

  /** Returns whether a queue is an ordinary one, or a session's that admits the client. */
  boolean mayUse(QueueEntry entry);

  /** Returns whether it may use a queue that belongs to a client alone: its own. */
  default boolean mayUseExclusive(QueueEntry entry) {
    return entry.owner == this;
  }

  /** A queue belongs to the client alone, and goes with it. */
  void owns(QueueEntry entry);

  /**
   * An exchange remembers messages for the destination of a binding that the client has added: they
   * go there now.
   */
  void recalls(VirtualHost host, Binding bound, List<Message> messages);

  /** A queue that belonged to the client is no more. */
  void disowns(QueueEntry entry);
}
