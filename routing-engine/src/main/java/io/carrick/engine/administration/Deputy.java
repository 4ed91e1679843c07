package io.carrick.engine.administration;

import io.carrick.AccessRefusedException;
import io.carrick.Binding;
import io.carrick.BrokerException;
import io.carrick.ExchangeDefinition;
import io.carrick.Message;
import io.carrick.NotFoundException;
import io.carrick.QueueDefinition;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.Queue;
import io.carrick.engine.routing.Router;
import io.carrick.engine.topology.Owner;
import io.carrick.engine.topology.QueueEntry;
import io.carrick.engine.topology.QueueKeeper;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.SessionEnd;
import java.util.List;
import java.util.function.Function;

/**
 * An administrator in one virtual host: changes it as a client does, but what belongs to others as
 * well. Made for each change; used in the loop of {@code context}.
 *
 * @param host what is changed
 * @param keeper makes and ends its queues
 * @param context the loop that changes it
 * @param router of that loop
 */
record Deputy(VirtualHost host, QueueKeeper keeper, LoopContext context, Router router)
    implements Owner {

  /** Belongs to nobody: an administrator has no exclusive queues. */
  @Override
  public String connectionId() {
    return "";
  }

  /** A session's bindings carry what its adapter has attached; they are not for others. */
  @Override
  public boolean mayUse(QueueEntry entry) {
    return !entry.isSession();
  }

  @Override
  public boolean mayUseExclusive(QueueEntry entry) {
    return true;
  }

  @Override
  public void owns(QueueEntry entry) {}

  @Override
  public void disowns(QueueEntry entry) {}

  @Override
  public void recalls(VirtualHost where, Binding bound, List<Message> messages) {
    router.recall(where, bound, messages);
  }

  void declare(ExchangeDefinition wanted, Completion<Done> done) {
    if (wanted.name().isEmpty()) {
      throw new AccessRefusedException("operation not permitted on the default exchange");
    }
    keeper.checkName(wanted.name());
    var declaration =
        new ExchangeDeclaration(
            wanted.name(),
            wanted.type(),
            wanted.durable(),
            wanted.autoDelete(),
            wanted.internal(),
            wanted.arguments());
    context.whenDurable(host.declareExchange(declaration, null, context), done);
  }

  void declare(QueueDefinition wanted, Completion<String> done) {
    var declaration =
        new QueueDeclaration(
            wanted.name(), wanted.durable(), false, wanted.autoDelete(), wanted.arguments(), null);
    QueueDeclaration named = keeper.named(declaration);
    if (!wanted.name().isEmpty()) {
      host.checkNewQueueName(named);
    }
    QueueEntry entry = keeper.declare(named, null, this);
    ask(entry, queue -> queue.declared().name(), done);
  }

  void deleteExchange(String name, boolean ifUnused, Completion<Done> done) {
    if (name.isEmpty()) {
      throw new AccessRefusedException("operation not permitted on the default exchange");
    }
    context.whenDurable(host.deleteExchange(name, ifUnused, context), done);
  }

  void deleteQueue(String name, boolean ifUnused, boolean ifEmpty, Completion<Long> done) {
    QueueEntry entry;
    try {
      entry = host.queue(name);
    } catch (NotFoundException gone) {
      answer(done, 0L);
      return;
    }
    LoopContext there = entry.queue.home();
    context.tell(
        there,
        () -> {
          try {
            keeper.checkDeletable(entry.queue, ifUnused, ifEmpty);
          } catch (BrokerException refused) {
            done.failed(refused);
            return;
          }
          keeper.end(
              entry,
              SessionEnd.DELETED,
              dropped -> there.tell(context, () -> answer(done, dropped)));
        });
  }

  void purge(String name, Completion<Long> done) {
    ask(host.queue(name), Queue::purge, done);
  }

  void bind(Binding binding, Completion<Done> done) {
    context.whenDurable(host.bind(List.of(binding), this).sequence(), done);
  }

  void unbind(Binding binding, Completion<Done> done) {
    context.whenDurable(host.unbind(List.of(binding), this).sequence(), done);
  }

  /** Asks a queue in its loop, and answers when everything before is stored. */
  private <T> void ask(QueueEntry entry, Function<Queue, T> question, Completion<T> done) {
    LoopContext there = entry.queue.home();
    context.tell(
        there,
        () -> {
          T answer;
          try {
            answer = question.apply(entry.queue);
          } catch (BrokerException refused) {
            done.failed(refused);
            return;
          }
          there.tell(context, () -> answer(done, answer));
        });
  }

  private <T> void answer(Completion<T> done, T answer) {
    context.whenDurable(
        host.changedAt(),
        new Completion<Done>() {
          @Override
          public void completed(Done stored) {
            done.completed(answer);
          }

          @Override
          public void failed(BrokerException storeFailed) {
            done.failed(storeFailed);
          }
        });
  }
}
