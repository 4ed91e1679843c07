package io.carrick.engine.topology;

import io.carrick.AccessRefusedException;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.PreconditionFailedException;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.TopicQueue;
import org.jspecify.annotations.Nullable;

/**
 * Which queues a virtual host comes to have: what is declared is checked against what is there,
 * committed, and applied. Guarded by the lock of the virtual host, except {@link #checkNewName}.
 */
final class QueueRules {

  /** More do not go with their queue in one piece of work. */
  private static final int MANY_BINDINGS = 1_024;

  private final Called called;
  private final NamedQueues queues;
  private final Bindings bindings;
  private final ChangeLog log;
  private final Limits limits;

  QueueRules(Called called, NamedQueues queues, Bindings bindings, ChangeLog log, Limits limits) {
    this.called = called;
    this.queues = queues;
    this.bindings = bindings;
    this.log = log;
    this.limits = limits;
  }

  /**
   * Finds or makes a queue.
   *
   * @param refusal why the client may not make it with the dead-letter exchange that it has; null
   *     if it may
   * @param maker makes the queue if there is none of that name
   */
  QueueEntry declare(
      QueueDeclaration wanted,
      @Nullable AccessRefusedException refusal,
      Owner client,
      VirtualHost.QueueMaker maker) {
    QueueEntry there = queues.get(wanted.name());
    if (there != null) {
      queues.checkOwner(there, client);
      if (!client.mayUse(there)) {
        throw called.sessions(wanted.name());
      }
      checkEquivalent(there.queue.declaration(), wanted);
      return there;
    }
    if (!queues.nameOf(wanted.name()).equals(wanted.name())) {
      throw called.sessions(wanted.name()); // it would hide what is found by that name
    }
    if (refusal != null) {
      throw refusal;
    }
    QueueArguments.check(wanted, called.queue(wanted.name()));
    if (queues.size() >= limits.value(Limit.QUEUES)) {
      throw new PreconditionFailedException(
          "cannot declare %s: queue limit in vhost '%s' (%d) is reached"
              .formatted(
                  called.queue(wanted.name()), called.virtualHost(), limits.value(Limit.QUEUES)));
    }
    boolean durable = wanted.durable() && !wanted.exclusive();
    if (durable) {
      log.mayStore(client.context()); // before there is a queue that nobody would find
    }
    var entry = new QueueEntry(maker.make(wanted), wanted.exclusive() ? client : null);
    if (durable) {
      log.declared(entry.queue.id(), wanted, client.context());
    }
    queues.add(entry);
    return entry;
  }

  /** Checks what a queue may be called: a reserved prefix is refused. */
  void checkNewName(QueueDeclaration wanted) {
    if (queues.has(wanted.name())) {
      return;
    }
    boolean session = wanted.session() != null;
    if (wanted.name().startsWith(Called.RESERVED)) {
      throw Called.reserved("queue", wanted.name(), Called.RESERVED);
    } else if (wanted.name().startsWith("mqtt.") && !session) {
      throw Called.reserved("queue", wanted.name(), "mqtt.");
    } else if (wanted.name().startsWith(TopicQueue.PREFIX)) {
      throw Called.reserved("queue", wanted.name(), TopicQueue.PREFIX);
    }
  }

  private void checkEquivalent(QueueDeclaration there, QueueDeclaration wanted) {
    String what = called.queue(there.name());
    if ((there.session() == null) != (wanted.session() == null)) {
      throw called.sessions(there.name());
    }
    if (there.exclusive() != wanted.exclusive()) {
      throw called.locked(there.name());
    }
    Equivalence.check(there, wanted, what);
  }

  /** Removes some of the bindings of a queue, if it has many; returns how many. */
  int unbindMany(QueueEntry entry) {
    boolean many = entry.count() > MANY_BINDINGS && queues.get(entry.name()) == entry;
    return many ? bindings.dropSome(entry, MANY_BINDINGS, entry.queue.home()) : 0;
  }

  /**
   * Takes a queue out of sight, with its bindings; called in the queue's loop, which then ends it.
   *
   * @return whether it was there
   */
  boolean forget(QueueEntry entry) {
    if (!queues.remove(entry)) {
      return false;
    }
    LoopContext here = entry.queue.home();
    if (entry.queue.durable()) {
      log.queueGone(entry.queue, here);
    }
    bindings.dropAll(entry, here);
    return true;
  }
}
