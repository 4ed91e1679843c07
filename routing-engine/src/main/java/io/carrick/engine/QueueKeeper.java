package io.carrick.engine;

import io.carrick.Limit;
import io.carrick.Message;
import io.carrick.PreconditionFailedException;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.Queue;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Makes queues and lets them go. Called in the loop of a party or of a queue; holds no state. */
record QueueKeeper(Core core, VirtualHost host) implements Queue.Owner {

  /** Finds or makes a queue; a new one lives in the loop of the party that declares it. */
  QueueEntry declare(QueueDeclaration wanted, Party party) {
    QueueDeclaration named = wanted.name().isEmpty() ? withGeneratedName(wanted) : wanted;
    if (named == wanted) {
      host.checkNewQueueName(named);
    }
    checkName(named.name());
    QueueEntry entry =
        host.declareQueue(named, party, declaration -> make(declaration, party.context));
    if (entry.owner == party) {
      party.owns(entry);
    }
    return entry;
  }

  private Queue make(QueueDeclaration declaration, LoopContext home) {
    var facts = new Queue.Facts(core.nextId(), host.name(), declaration);
    return new Queue(facts, home, core.store().queueLog(facts.id()), core.limits(), this);
  }

  private static QueueDeclaration withGeneratedName(QueueDeclaration d) {
    return new QueueDeclaration(
        "amq.gen-" + UUID.randomUUID(),
        d.durable(),
        d.exclusive(),
        d.autoDelete(),
        d.arguments(),
        d.session());
  }

  void checkName(String name) {
    long bytes = name.getBytes(StandardCharsets.UTF_8).length;
    boolean session = name.startsWith("mqtt.");
    long most = core.limits().value(Limit.NAME_BYTES);
    if (!session && bytes > most) {
      throw new PreconditionFailedException("a name is longer than " + most + " bytes");
    }
  }

  /** Deletes a queue without conditions; called in the loop of {@code here}. */
  void delete(QueueEntry entry, LoopContext here) {
    here.tell(
        entry.queue.home(),
        () -> {
          if (host.forget(entry)) {
            entry.queue.delete();
          }
        });
  }

  @Override
  public void unused(Queue queue) {
    QueueEntry entry = host.queueOrNull(queue.name());
    if (entry != null && entry.queue == queue && host.forget(entry)) {
      queue.delete();
    }
  }

  @Override
  public void settled(Queue queue, Message message, Settlement settlement) {
    core.policies().settled(message, queue.name(), settlement);
  }
}
