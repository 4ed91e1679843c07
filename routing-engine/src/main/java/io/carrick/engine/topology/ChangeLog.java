package io.carrick.engine.topology;

import io.carrick.Binding;
import io.carrick.Policy;
import io.carrick.PreconditionFailedException;
import io.carrick.engine.definitions.Definitions;
import io.carrick.engine.definitions.StoredMember;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.Queue;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.QueueDeclaration;

/**
 * Where the changes of one virtual host's names and bindings are committed: what has been checked
 * becomes a record in the store's log, and only then is applied. Guarded by the lock of the virtual
 * host, except {@link #changedAt}.
 */
final class ChangeLog {

  private final String virtualHost;
  private final Definitions definitions;

  /** The store's sequence of the last change that is stored. */
  private volatile long changedAt;

  ChangeLog(String virtualHost, Definitions definitions) {
    this.virtualHost = virtualHost;
    this.definitions = definitions;
  }

  /** Returns the sequence that an answer about durable names and bindings has to wait for. */
  long changedAt() {
    return changedAt;
  }

  /** Returns what an answer waits for; if the store has failed, only one about durable things. */
  long answerAfter(boolean durable, LoopContext here) {
    return durable || !here.storeFailed() ? changedAt : 0;
  }

  /**
   * Checks that the store can take a change.
   *
   * @throws PreconditionFailedException if it cannot
   */
  void mayStore(LoopContext here) {
    if (definitions.kept() && !here.storeTakes()) {
      throw LoopContext.storeUnavailable();
    }
  }

  private void changed(long sequence) {
    changedAt = Math.max(changedAt, sequence);
  }

  void declared(ExchangeDeclaration exchange, LoopContext here) {
    changed(definitions.exchange(here, virtualHost, exchange));
  }

  void exchangeGone(String exchange, LoopContext here) {
    changed(definitions.deleteExchange(here, virtualHost, exchange));
  }

  void policy(Policy policy, LoopContext here) {
    changed(definitions.policy(here, policy));
  }

  void policyGone(Policy.Kind kind, String name, LoopContext here) {
    changed(definitions.deletePolicy(here, virtualHost, kind, name));
  }

  void declared(long id, QueueDeclaration queue, LoopContext here) {
    changed(definitions.queue(here, id, virtualHost, queue));
  }

  void queueGone(Queue queue, LoopContext here) {
    changed(definitions.deleteQueue(here, queue.id(), queue.lastStoreId()));
  }

  /** A session shares a queue, or gets nothing new of it any more. */
  void member(QueueEntry queue, QueueEntry session, StoredMember member, LoopContext here) {
    if (queue.durable() && session.durable()) {
      changed(definitions.member(here, queue.queue.id(), session.queue.id(), member));
    }
  }

  void memberGone(QueueEntry queue, QueueEntry session, LoopContext here) {
    if (queue.durable() && session.durable()) {
      changed(definitions.deleteMember(here, queue.queue.id(), session.queue.id()));
    }
  }

  /** Returns an id for a new binding. */
  long newId(LoopContext here) {
    return definitions.newId(here);
  }

  void bound(long id, Binding binding, LoopContext here) {
    changed(definitions.binding(here, id, virtualHost, binding));
  }

  /** A binding is gone; one that is not stored, which has the id 0, has left nothing. */
  void unbound(long id, LoopContext here) {
    if (id != 0) {
      changed(definitions.deleteBinding(here, id));
    }
  }
}
