package io.carrick.engine.client;

import io.carrick.AccessRefusedException;
import io.carrick.Binding;
import io.carrick.BrokerException;
import io.carrick.NotFoundException;
import io.carrick.PreconditionFailedException;
import io.carrick.QueueInfo;
import io.carrick.QueueOptions;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.Queue;
import io.carrick.engine.topology.Exchange;
import io.carrick.engine.topology.LastValueReplay;
import io.carrick.engine.topology.QueueEntry;
import io.carrick.engine.topology.QueueKeeper;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.spi.Authorizer.Action;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.JoinRequest;
import io.carrick.spi.Part;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Resource;
import io.carrick.spi.SessionEnd;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one attachment declares, looks up, binds and deletes. Whether the client may is asked before
 * anything is looked up, so that a refusal does not tell what is there. Made for each call; used in
 * the client's loop.
 *
 * @param client who asks
 * @param answers brings it the answers
 */
record ClientTopology(ConnectedClient client, Answers answers) {

  private VirtualHost host() {
    return client.place.host();
  }

  private QueueKeeper keeper() {
    return client.place.keeper();
  }

  private LoopContext context() {
    return client.place.context();
  }

  // ---- exchanges

  void declareExchange(ExchangeDeclaration wanted, Completion<Done> done) {
    answers.stored(
        done,
        () -> {
          client.mayExchange(Action.CONFIGURE, wanted.name());
          keeper().checkName(wanted.name());
          Object alternate = wanted.arguments().get(Exchange.ALTERNATE);
          Resource made = Resource.exchange(host().name(), wanted.name());
          AccessRefusedException refusal = client.whyNotPassOn(made, alternate);
          return host().declareExchange(wanted, refusal, context());
        });
  }

  void findExchange(String name, Completion<Done> done) {
    answers.stored(
        done, () -> host().exchange(name).declaration.durable() ? host().changedAt() : 0);
  }

  void deleteExchange(String name, boolean ifUnused, Completion<Done> done) {
    answers.stored(
        done,
        () -> {
          client.mayExchange(Action.CONFIGURE, name);
          return host().deleteExchange(name, ifUnused, context());
        });
  }

  // ---- queues

  void declareQueue(QueueDeclaration wanted, Completion<QueueInfo> done) {
    QueueEntry entry;
    try {
      QueueDeclaration named = keeper().named(wanted);
      client.mayQueue(Action.CONFIGURE, named.name());
      if (!wanted.name().isEmpty()) {
        host().checkNewQueueName(named);
      }
      entry = keeper().declare(named, whyNotDeadLetter(named), client);
    } catch (BrokerException refused) {
      done.failed(refused);
      return;
    }
    ask(entry, Queue::declared, done);
  }

  /** Where a session's queue sends dead letters is the broker's decision, not its client's. */
  private @Nullable AccessRefusedException whyNotDeadLetter(QueueDeclaration wanted) {
    return wanted.session() != null
        ? null
        : client.whyNotPassOn(
            Resource.queue(host().name(), wanted.name()),
            wanted.arguments().get(QueueOptions.DEAD_LETTER_EXCHANGE));
  }

  /** Looks a queue up, which needs no permission, as in RabbitMQ. */
  void find(String name, Function<Queue, QueueInfo> look, Completion<QueueInfo> done) {
    QueueEntry entry;
    try {
      entry = host().queueSeenBy(name, client);
    } catch (BrokerException refused) {
      done.failed(refused);
      return;
    }
    ask(entry, look, done);
  }

  private <T> void ask(QueueEntry entry, Function<Queue, T> question, Completion<T> done) {
    answers.ask(entry, question, entry.queue.durable() ? answers.afterStoring(done) : done);
  }

  void deleteQueue(String name, boolean ifUnused, boolean ifEmpty, Completion<Long> done) {
    try {
      client.mayQueue(Action.CONFIGURE, name);
      QueueEntry entry = host().queueToDelete(name, client);
      answers.askLater(
          entry,
          (queue, ended) -> {
            keeper().checkDeletable(queue, ifUnused, ifEmpty);
            keeper().end(entry, SessionEnd.DELETED, ended::accept);
          },
          entry.queue.durable() ? answers.afterStoring(done) : done);
    } catch (NotFoundException gone) {
      answers.afterStoring(done).completed(0L);
    } catch (BrokerException refused) {
      done.failed(refused);
    }
  }

  void purgeQueue(String name, Completion<Long> done) {
    try {
      String known = host().nameOf(name);
      client.mayQueue(Action.READ, known);
      answers.ask(host().queueFor(known, client), Queue::purge, done);
    } catch (BrokerException refused) {
      done.failed(refused);
    }
  }

  void sessionExpiry(String name, long afterMs, Completion<Done> done) {
    try {
      client.mayQueue(Action.CONFIGURE, name);
      QueueEntry entry = host().queueFor(name, client);
      if (!entry.isSession() || entry.isShared()) {
        throw new PreconditionFailedException(keeper().called(entry.queue) + " is no session's");
      }
      answers.askAndStore(entry, queue -> keeper().expires(queue, afterMs), done);
    } catch (BrokerException refused) {
      done.failed(refused);
    }
  }

  // ---- bindings

  void bind(List<Binding> bindings, Completion<Integer> done) {
    for (Binding binding : bindings) {
      if (LastValueReplay.isAskedFor(binding)) {
        new ReplayingBind(client, answers).bind(bindings, done);
        return;
      }
    }
    answers.changed(
        done,
        () -> {
          bindings.forEach(client::mayBind);
          return host().bind(bindings, client);
        });
  }

  void unbind(List<Binding> bindings, Completion<Integer> done) {
    answers.changed(
        done,
        () -> {
          bindings.forEach(client::mayBind);
          return host().unbind(bindings, client);
        });
  }

  // ---- queues that sessions consume beside their own

  void join(JoinRequest request, Completion<Integer> done) {
    answers.changed(
        done,
        () -> {
          client.mayQueue(Action.CONFIGURE, request.queue().name());
          host().checkNewQueueName(request.queue());
          client.mayBind(request.binding());
          return keeper().join(request, client);
        });
  }

  void join(String queue, String member, Part part, Completion<Integer> done) {
    answers.changed(
        done,
        () -> {
          client.mayQueue(Action.READ, queue);
          return keeper().join(queue, member, part, client);
        });
  }

  void leave(String queue, String member, Completion<Integer> done) {
    answers.changed(done, () -> keeper().leave(queue, member, client));
  }
}
