package io.carrick.engine.topology;

import io.carrick.AccessRefusedException;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.NotSupportedException;
import io.carrick.PreconditionFailedException;
import io.carrick.engine.definitions.StoredMember;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.Queue;
import io.carrick.spi.JoinRequest;
import io.carrick.spi.Membership;
import io.carrick.spi.Part;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which sessions consume which queues of one virtual host beside their own. One that is for several
 * sessions alone is there as long as one has a part in it, and bound as long as one gets new
 * messages; a part in an ordinary queue goes with that queue. Guarded by the lock of the virtual
 * host.
 */
final class Memberships {

  private final NamedQueues queues;
  private final Bindings bindings;
  private final QueueRules rules;
  private final ChangeLog log;
  private final Limits limits;

  private final Map<QueueEntry, Map<QueueEntry, StoredMember>> byQueue = new HashMap<>();
  private final Map<QueueEntry, Map<QueueEntry, StoredMember>> bySession = new HashMap<>();

  Memberships(
      NamedQueues queues, Bindings bindings, QueueRules rules, ChangeLog log, Limits limits) {
    this.queues = queues;
    this.bindings = bindings;
    this.rules = rules;
    this.log = log;
    this.limits = limits;
  }

  /**
   * What has become of a membership. Immutable.
   *
   * @param queue that is shared
   * @param session who shares it
   * @param change 1 if it is new, or was there
   */
  record Changed(QueueEntry queue, QueueEntry session, ChangedBindings change) {}

  Changed join(JoinRequest wanted, Owner client, VirtualHost.QueueMaker maker) {
    QueueEntry session = session(wanted.member(), client);
    bindings.checkSource(wanted.binding());
    QueueEntry queue = queues.get(wanted.queue().name());
    if (queue != null) {
      checkSame(queue, wanted.queue().session());
    }
    checkRoom(queue, session);
    if (queue == null) {
      queue = rules.declare(wanted.queue(), null, client, maker);
    } else if (queue.durable()) {
      log.mayStore(client.context());
    }
    bindings.addShared(wanted.binding(), client.context());
    return joined(queue, session, wanted.attachment(), client);
  }

  /** Makes a session a member of a queue that is there, and an ordinary one. */
  Changed join(String ordinary, String member, Part part, Owner client) {
    QueueEntry session = session(member, client);
    QueueEntry queue = queues.changedBy(ordinary, client);
    if (queue.isSession()) {
      throw new AccessRefusedException(queues.called(ordinary) + " belongs to a session");
    }
    if (queue.queue.isStream()) {
      throw new NotSupportedException(queues.called(ordinary) + " is a stream");
    }
    checkRoom(queue, session);
    if (queue.durable() && session.durable()) {
      log.mayStore(client.context());
    }
    return joined(queue, session, part, client);
  }

  private QueueEntry session(String member, Owner client) {
    QueueEntry session = queues.usedBy(member, client);
    if (!session.isSession() || session.isShared()) {
      throw new PreconditionFailedException(queues.called(member) + " is no session's");
    }
    return session;
  }

  /**
   * Checks that a session may have another part, unless it has that one.
   *
   * @param queue null if it is yet to be made
   */
  private void checkRoom(@Nullable QueueEntry queue, QueueEntry session) {
    StoredMember before = queue == null ? null : find(queue, session);
    if ((before == null || !before.joined())
        && session.subscriptions() >= limits.value(Limit.SESSION_SUBSCRIPTIONS)) {
      throw new PreconditionFailedException(
          queues.called(session.name()) + " has no room for another part");
    }
  }

  private Changed joined(
      QueueEntry queue, QueueEntry session, @Nullable Object attachment, Owner client) {
    StoredMember before = find(queue, session);
    var member = new StoredMember(true, attachment);
    if (!member.equals(before)) {
      log.member(queue, session, member, client.context());
    }
    put(queue, session, member);
    return changed(queue, session, before == null || !before.joined(), client);
  }

  private Changed changed(QueueEntry queue, QueueEntry session, boolean one, Owner client) {
    boolean durable = queue.durable() && session.durable();
    long sequence = log.answerAfter(durable, client.context());
    return new Changed(queue, session, new ChangedBindings(one ? 1 : 0, sequence));
  }

  /** Two things that are shared may come to have one name: their sessions' names tell. */
  private void checkSame(QueueEntry there, @Nullable SessionQueue wanted) {
    SessionQueue shared = there.queue.declaration().session();
    if (!there.isShared()
        || shared == null
        || wanted == null
        || !Objects.equals(shared.name(), wanted.name())) {
      throw new PreconditionFailedException(
          queues.called(there.name()) + " is there for something else");
    }
  }

  /** Ends a membership; null if there is no such queue or session. */
  @Nullable Changed leave(String shared, String member, Owner client) {
    QueueEntry queue = queues.get(shared);
    QueueEntry session = queues.get(member);
    if (queue == null || session == null) {
      return null;
    }
    queues.usedBy(member, client);
    StoredMember before = find(queue, session);
    boolean joined = before != null && before.joined();
    if (before != null && joined) {
      LoopContext here = client.context();
      var left = new StoredMember(false, before.attachment());
      log.member(queue, session, left, here);
      put(queue, session, left);
      unbindIfDeserted(queue, here);
    }
    return changed(queue, session, joined, client);
  }

  private void unbindIfDeserted(QueueEntry queue, LoopContext here) {
    if (queue.isShared() && !anyJoined(queue)) {
      bindings.dropAll(queue, here);
    }
  }

  private boolean anyJoined(QueueEntry queue) {
    return byQueue.getOrDefault(queue, Map.of()).values().stream().anyMatch(StoredMember::joined);
  }

  /** Returns whether any session gets what comes to a queue. */
  boolean anyJoined(Queue queue) {
    QueueEntry entry = queues.get(queue.name());
    return entry != null && entry.queue == queue && anyJoined(entry);
  }

  private void put(QueueEntry queue, QueueEntry session, StoredMember member) {
    StoredMember before =
        byQueue.computeIfAbsent(queue, q -> new LinkedHashMap<>()).put(session, member);
    bySession.computeIfAbsent(session, s -> new LinkedHashMap<>()).put(queue, member);
    boolean was = before != null && before.joined();
    session.shares += (member.joined() ? 1 : 0) - (was ? 1 : 0);
  }

  /** Takes a membership as the store has it. */
  void restore(QueueEntry queue, QueueEntry session, StoredMember member) {
    put(queue, session, member);
  }

  /** Returns a session's part in a queue; null if it has none. */
  @Nullable StoredMember find(QueueEntry queue, QueueEntry session) {
    return byQueue.getOrDefault(queue, Map.of()).get(session);
  }

  /** Returns what a session has a part in. */
  List<Membership> of(QueueEntry session) {
    var all = new ArrayList<Membership>();
    bySession
        .getOrDefault(session, Map.of())
        .forEach((queue, m) -> all.add(new Membership(queue.name(), m.attachment(), m.joined())));
    return all;
  }

  /** A session has ended; returns the queues that it had a part in. */
  List<QueueEntry> ended(QueueEntry session, LoopContext here) {
    Map<QueueEntry, StoredMember> all = bySession.remove(session);
    if (all == null) {
      return List.of();
    }
    for (QueueEntry queue : all.keySet()) {
      log.memberGone(queue, session, here);
      remove(queue, session);
      unbindIfDeserted(queue, here);
    }
    return List.copyOf(all.keySet());
  }

  /**
   * A session has finished what it had to do with a queue, unless it has joined again meanwhile.
   *
   * @param sessionId of the session's queue
   * @return whether nobody is left who has a part in the queue
   */
  boolean vacated(QueueEntry queue, long sessionId, LoopContext here) {
    Map<QueueEntry, StoredMember> members = byQueue.getOrDefault(queue, Map.of());
    for (QueueEntry session : List.copyOf(members.keySet())) {
      StoredMember member = members.get(session);
      if (session.queue.id() == sessionId && member != null && !member.joined()) {
        log.memberGone(queue, session, here);
        remove(queue, session);
        bySession.getOrDefault(session, Map.of()).remove(queue);
      }
    }
    return members.isEmpty();
  }

  private void remove(QueueEntry queue, QueueEntry session) {
    Map<QueueEntry, StoredMember> members = byQueue.getOrDefault(queue, Map.of());
    members.remove(session);
    if (members.isEmpty()) {
      byQueue.remove(queue);
    }
  }

  /** A queue is no more that somebody may have had a part in. */
  void gone(QueueEntry queue, LoopContext here) {
    Map<QueueEntry, StoredMember> members = byQueue.remove(queue);
    if (members != null) {
      members.forEach(
          (session, member) -> {
            log.memberGone(queue, session, here);
            bySession.getOrDefault(session, Map.of()).remove(queue);
            session.shares -= member.joined() ? 1 : 0;
          });
    }
  }
}
