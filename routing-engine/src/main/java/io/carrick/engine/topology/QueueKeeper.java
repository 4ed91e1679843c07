package io.carrick.engine.topology;

import io.carrick.AccessRefusedException;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.PreconditionFailedException;
import io.carrick.QueueInfo;
import io.carrick.Refusal;
import io.carrick.engine.definitions.Definitions;
import io.carrick.engine.definitions.StoredLife;
import io.carrick.engine.definitions.StoredMember;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.extension.Policies;
import io.carrick.engine.queue.DeadLetter;
import io.carrick.engine.queue.Priorities;
import io.carrick.engine.queue.Queue;
import io.carrick.engine.queue.QueueOwner;
import io.carrick.engine.queue.QueueSettings;
import io.carrick.engine.queue.Redeliveries;
import io.carrick.engine.queue.Stream;
import io.carrick.engine.stream.LoggedStream;
import io.carrick.engine.stream.StreamSettings;
import io.carrick.spi.Admission;
import io.carrick.spi.Admission.Verdict;
import io.carrick.spi.JoinRequest;
import io.carrick.spi.Part;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import io.carrick.spi.SessionEnd;
import io.carrick.spi.Settlement;
import io.carrick.storage.QueueLog;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes queues and lets them go. Called in the loop of a client or of a queue; holds no state.
 *
 * @param host where the queues are
 * @param definitions what the store has of them
 * @param limits what bounds them
 * @param policies who is told
 * @param settings what declarations ask for
 * @param deadLetters where what is given up goes, by loop
 */
public record QueueKeeper(
    VirtualHost host,
    Definitions definitions,
    Limits limits,
    Policies policies,
    DeclaredSettings settings,
    List<DeadLetters> deadLetters)
    implements QueueOwner {

  /** Of a queue that the store never hears of. */
  private static final long NO_ID = 0;

  private static final Verdict PASS = new Verdict(Admission.Kind.TRANSIENT, null);
  private static final Admission PASS_THROUGH = (message, attachments, count) -> PASS;

  /** Returns what is wanted under the name that it gets: a generated one if it has none. */
  public QueueDeclaration named(QueueDeclaration wanted) {
    return wanted.name().isEmpty() ? withGeneratedName(wanted) : wanted;
  }

  /**
   * Finds or makes a queue; a new one lives in the loop of the client that declares it.
   *
   * @param refusal why the client may not make it with the dead-letter exchange that it has; null
   *     if it may
   */
  public QueueEntry declare(
      QueueDeclaration named, @Nullable AccessRefusedException refusal, Owner client) {
    checkName(named.name());
    QueueEntry entry =
        host.declareQueue(
            named, refusal, client, declaration -> make(declaration, client.context()));
    if (entry.owner == client) {
      client.owns(entry);
    }
    if (named.session() != null) {
      change(entry.queue, named, client.context());
    }
    return entry;
  }

  /** What a session's queue keeps is its adapter's to say, each time that it declares it. */
  private void change(Queue queue, QueueDeclaration named, LoopContext here) {
    if (!queue.declaration().arguments().equals(named.arguments())) {
      QueueArguments.check(named, called(queue));
      if (queue.durable() && here.storeTakes()) {
        definitions.queue(here, queue.id(), host.name(), named);
      }
    }
    QueueSettings wanted = settings.of(named);
    here.tell(queue.home(), () -> queue.settings(wanted));
  }

  /**
   * Makes an address for replies: a queue that nobody can find and that keeps nothing, in the loop
   * of the client. It goes with its consumer.
   *
   * @param prefix of its name
   */
  public Queue replies(String prefix, Owner client) {
    String address = prefix + UUID.randomUUID();
    var declaration =
        new QueueDeclaration(
            address, false, false, true, Map.of(), SessionQueue.of(address, PASS_THROUGH));
    var queue = new Queue(NO_ID, declaration, settings.of(declaration), client.context(), this);
    host.openReplies(new QueueEntry(queue, client));
    return queue;
  }

  /** The policies have changed; called in the queue's loop. */
  public void goByPolicies(Queue queue) {
    if (queue.isStream()) {
      queue.bounds(settings.ofStream(queue.declaration()));
    } else {
      queue.settings(settings.of(queue.declaration()));
    }
  }

  private Queue make(QueueDeclaration declaration, LoopContext home) {
    long id = definitions.newIds(home, 1 + Priorities.furtherIds(declaration));
    return new Queue(id, declaration, settings.of(declaration), home, this);
  }

  /** Makes a queue that the store has, under its id. */
  public Queue restore(
      long id,
      QueueDeclaration declaration,
      LoopContext home,
      Redeliveries earlier,
      Map<Long, Integer> returned) {
    var queue = new Queue(id, declaration, settings.of(declaration), home, this);
    if (!queue.isStream()) {
      queue.restore(openLog(queue, queue.id()), earlier, returned);
    }
    return queue;
  }

  private static QueueDeclaration withGeneratedName(QueueDeclaration d) {
    QueueArguments.checkMayBeNamed(d.arguments());
    return new QueueDeclaration(
        "amq.gen-" + UUID.randomUUID(),
        d.durable(),
        d.exclusive(),
        d.autoDelete(),
        d.arguments(),
        d.session());
  }

  public void checkName(String name) {
    long bytes = name.getBytes(StandardCharsets.UTF_8).length;
    boolean session = name.startsWith("mqtt.");
    long most = limits.value(Limit.NAME_BYTES);
    if (!session && bytes > most) {
      throw new PreconditionFailedException("a name is longer than " + most + " bytes");
    }
  }

  /** Deletes a queue without conditions; called in the loop of {@code here}. */
  public void delete(QueueEntry entry, LoopContext here) {
    here.tell(entry.queue.home(), () -> end(entry, SessionEnd.DELETED, dropped -> {}));
  }

  /**
   * Checks the conditions of a deletion; called in the queue's loop.
   *
   * @throws PreconditionFailedException if one does not hold
   */
  public void checkDeletable(Queue queue, boolean ifUnused, boolean ifEmpty) {
    QueueInfo now = queue.info();
    if (ifUnused && now.consumers() > 0) {
      throw new PreconditionFailedException(called(queue) + " in use");
    }
    if (ifEmpty && now.ready() > 0) {
      throw new PreconditionFailedException(called(queue) + " not empty");
    }
  }

  /**
   * Ends a queue; called in its loop.
   *
   * @param why if it is a session's
   * @param ended gets how many messages were dropped, 0 if it was not there any more; for a
   *     session's queue when all who consumed it know, for others at once
   */
  public void end(QueueEntry entry, SessionEnd why, LongConsumer ended) {
    int unbound = host.unbindMany(entry);
    if (unbound > 0) {
      entry.queue.home().loop().worked(unbound);
      entry.queue.home().loop().continueLater(() -> end(entry, why, ended));
      return;
    }
    if (!host.forget(entry)) {
      ended.accept(0);
      return;
    }
    gone(entry, why, ended);
  }

  /** Ends a queue that nobody can find any more. */
  private void gone(QueueEntry entry, SessionEnd why, LongConsumer ended) {
    Queue queue = entry.queue;
    Owner owner = entry.owner;
    if (owner != null) {
      queue.home().tell(owner.context(), () -> owner.disowns(entry));
    }
    SessionQueue session = queue.declaration().session();
    if (session == null || entry.isShared()) {
      ended.accept(queue.delete(dropped -> {}));
      return;
    }
    for (QueueEntry shared : host.memberEnded(entry)) {
      queue.home().tell(shared.queue.home(), () -> seat(shared, entry));
    }
    queue.delete(
        dropped -> {
          host.sessionTables.end(session.name(), queue.home());
          host.sessionLives.ended(queue, session.name(), why);
          ended.accept(dropped);
        });
  }

  @Override
  public String virtualHost() {
    return host.name();
  }

  @Override
  public boolean logInMemory() {
    return !definitions.store().outlivesProcess();
  }

  @Override
  public @Nullable Stream streamOf(Queue queue) {
    QueueDeclaration declaration = queue.declaration();
    if (!StreamArguments.areOfStream(declaration.arguments())) {
      return null;
    }
    return new LoggedStream(
        queue,
        StreamSettings.of(settings.ofStream(declaration), limits()),
        definitions.store().streamLog(queue.id(), queue.home().loop()::execute));
  }

  @Override
  public QueueLog openLog(Queue queue, long storeId) {
    return definitions.store().queueLog(storeId, queue.home().loop()::execute);
  }

  @Override
  public void unused(Queue queue) {
    if (!host.closeReplies(queue)) {
      end(queue, SessionEnd.LEFT);
    }
  }

  private void end(Queue queue, SessionEnd why) {
    QueueEntry entry = host.queueOrNull(queue.name());
    if (entry != null && entry.queue == queue) {
      end(entry, why, dropped -> {});
    }
  }

  // ---- queues that sessions consume beside their own

  /** Makes a session a member, and the queue if it is not there. */
  public ChangedBindings join(JoinRequest wanted, Owner client) {
    checkName(wanted.queue().name());
    Memberships.Changed joined =
        host.join(wanted, client, declaration -> make(declaration, client.context()));
    change(joined.queue().queue, wanted.queue(), client.context());
    tell(joined, client);
    return joined.change();
  }

  /** Makes a session a member of a queue that is there, and an ordinary one. */
  public ChangedBindings join(String queue, String member, Part part, Owner client) {
    Memberships.Changed joined = host.join(queue, member, part, client);
    tell(joined, client);
    return joined.change();
  }

  /** Ends a membership; what is under way is finished. */
  public ChangedBindings leave(String shared, String member, Owner client) {
    Memberships.Changed left = host.leave(shared, member, client);
    if (left == null) {
      return ChangedBindings.NONE;
    }
    tell(left, client);
    return left.change();
  }

  private void tell(Memberships.Changed changed, Owner client) {
    Queue queue = changed.queue().queue;
    client.context().tell(queue.home(), () -> seat(changed.queue(), changed.session()));
  }

  /** Lets a queue know of a member as it is now: changes may come from several loops. */
  private void seat(QueueEntry shared, QueueEntry session) {
    StoredMember member = host.memberOf(shared, session);
    long id = session.queue.id();
    if (member == null) {
      shared.queue.members().ended(id, session.name());
    } else if (member.joined()) {
      shared.queue.members().joined(id, session.name(), member.attachment());
    } else {
      shared.queue.members().left(id, session.name());
    }
  }

  @Override
  public boolean hasMembers(Queue queue) {
    return host.hasMembers(queue);
  }

  @Override
  public void pinned(Queue queue, long sequence, long member) {
    definitions.pinned(queue.home(), queue.id(), sequence, member);
  }

  @Override
  public void unpinned(Queue queue, long sequence) {
    definitions.deletePinned(queue.home(), queue.id(), sequence);
  }

  @Override
  public void vacated(Queue queue, long member) {
    QueueEntry entry = host.queueOrNull(queue.name());
    if (entry != null && entry.queue == queue && host.vacated(entry, member)) {
      gone(entry, SessionEnd.LEFT, dropped -> {});
    }
  }

  // ---- the lives of sessions

  /**
   * Changes how long a session's queue outlives its last consumer; called in its loop.
   *
   * @return the store's sequence of the change, 0 if nothing was stored: also if it has ended
   */
  public long expires(Queue queue, long afterMs) {
    QueueEntry entry = host.queueOrNull(queue.name());
    if (entry == null || entry.queue != queue) {
      return 0;
    }
    return host.sessionLives.change(queue, afterMs, () -> outlived(queue));
  }

  /** Takes what the store has of the life of a queue that was restored. */
  public void restore(Queue queue, StoredLife life) {
    host.sessionLives.restore(queue, life, () -> outlived(queue));
  }

  @Override
  public void attended(Queue queue) {
    host.sessionLives.attended(queue);
  }

  @Override
  public void unattended(Queue queue) {
    host.sessionLives.unattended(queue);
  }

  private void outlived(Queue queue) {
    if (queue.consumers().isEmpty()) {
      end(queue, SessionEnd.EXPIRED);
    }
  }

  @Override
  public long consumed(Queue queue) {
    return definitions.consumed(queue.home(), queue.id());
  }

  @Override
  public @Nullable Object tagOf(Queue queue, Message message) {
    QueueEntry entry = host.queueOrNull(queue.name());
    return entry == null || entry.queue != queue ? null : host.tagOf(entry, message);
  }

  @Override
  public void refused(Message message) {
    policies.refused(message, Refusal.LIMIT);
  }

  @Override
  public void cameBack(Queue queue, long sequence, int times) {
    definitions.returned(queue.home(), queue.id(), sequence, times);
  }

  @Override
  public void forgetReturns(Queue queue, long sequence) {
    definitions.deleteReturned(queue.home(), queue.id(), sequence);
  }

  @Override
  public void deadLetter(DeadLetter letter) {
    deadLetters.get(letter.queue().home().index()).add(host, letter);
  }

  @Override
  public void settled(Queue queue, Message message, Settlement settlement) {
    policies.settled(message, queue.name(), settlement);
  }
}
