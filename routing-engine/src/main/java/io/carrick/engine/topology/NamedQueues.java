package io.carrick.engine.topology;

import io.carrick.RoutingKey;
import io.carrick.engine.matching.KeyTable;
import io.carrick.engine.queue.Queue;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The queues of a virtual host by their names, and by the keys that those names are: a publisher to
 * the default exchange has a key, and to make a text of it would be an object for each message.
 * Changed under the virtual host's lock, read from any thread.
 */
final class NamedQueues {

  private final Called called;

  /** In order, so that they can be listed page by page; no larger than a hash table. */
  private final ConcurrentNavigableMap<String, QueueEntry> byName = new ConcurrentSkipListMap<>();

  /** Without those of sessions, which are many and hardly ever published to by name. */
  private final KeyTable<QueueEntry> byKey = new KeyTable<>();

  /** Those that several sessions share, by what they share: who knows that can find them by it. */
  private final Map<String, QueueEntry> byShare = new ConcurrentHashMap<>();

  /** Those that nobody can find, by name: who knows the name may publish there. */
  private final Map<String, QueueEntry> replies = new ConcurrentHashMap<>();

  /** How many are sessions'. */
  private final LongAdder sessions = new LongAdder();

  NamedQueues(Called called) {
    this.called = called;
  }

  /** Returns a queue as people are told of it. */
  String called(String queue) {
    return called.queue(queue);
  }

  /**
   * Looks one up.
   *
   * @throws io.carrick.NotFoundException when there is none
   */
  QueueEntry named(String queue) {
    QueueEntry found = byName.get(queue);
    if (found == null) {
      found = byShare.get(queue);
    }
    if (found == null) {
      throw called.no(called.queue(queue));
    }
    return found;
  }

  /** Looks one up for a client that wants to know of it: a session's too (MAP-36). */
  QueueEntry seenBy(String queue, Owner client) {
    QueueEntry found = named(queue);
    checkOwner(found, client);
    return found;
  }

  /** Looks one up for a client that wants to use it. */
  QueueEntry usedBy(String queue, Owner client) {
    QueueEntry found = seenBy(queue, client);
    if (!client.mayUse(found)) {
      throw called.sessions(queue);
    }
    return found;
  }

  /** Looks one up for a client that wants to bind or delete it: none that sessions share. */
  QueueEntry changedBy(String queue, Owner client) {
    QueueEntry found = usedBy(queue, client);
    if (found.isShared()) {
      throw called.sessions(queue);
    }
    return found;
  }

  /**
   * Checks that a queue does not belong to another client.
   *
   * @throws io.carrick.ResourceLockedException if it does
   */
  void checkOwner(QueueEntry entry, Owner client) {
    if (entry.owner != null && !client.mayUseExclusive(entry)) {
      throw called.locked(entry.queue.name());
    }
  }

  @Nullable QueueEntry get(String name) {
    return byName.get(name);
  }

  /** Returns the name of a queue: as it is given, unless it says what several sessions share. */
  String nameOf(String queue) {
    QueueEntry shared = byShare.get(queue);
    return shared == null || byName.containsKey(queue) ? queue : shared.name();
  }

  boolean has(String name) {
    return byName.containsKey(name);
  }

  int size() {
    return byName.size();
  }

  int sessions() {
    return sessions.intValue();
  }

  Collection<QueueEntry> all() {
    return byName.values();
  }

  /** Goes through those from a name on, in order; sees later changes or not. */
  Iterator<QueueEntry> from(String name, boolean inclusive) {
    return byName.tailMap(name, inclusive).values().iterator();
  }

  void add(QueueEntry entry) {
    String name = entry.queue.name();
    byName.put(name, entry);
    SessionQueue session = entry.queue.declaration().session();
    if (session != null && entry.isShared()) {
      byShare.put(session.name(), entry);
    }
    if (entry.isSession()) {
      sessions.increment();
    } else {
      byKey.add(RoutingKey.ofKey(name), entry);
    }
  }

  /** Removes a queue; returns whether it was there. */
  boolean remove(QueueEntry entry) {
    String name = entry.queue.name();
    if (!byName.remove(name, entry)) {
      return false;
    }
    SessionQueue session = entry.queue.declaration().session();
    if (session != null && entry.isShared()) {
      byShare.remove(session.name(), entry);
    }
    if (entry.isSession()) {
      sessions.decrement();
    } else {
      byKey.remove(RoutingKey.ofKey(name), entry);
    }
    return true;
  }

  /** Adds one that nobody can find. */
  void addReplies(QueueEntry entry) {
    replies.put(entry.name(), entry);
    byKey.add(RoutingKey.ofKey(entry.name()), entry);
  }

  /** Removes one that nobody can find; returns whether it was one of those, and there. */
  boolean removeReplies(Queue queue) {
    QueueEntry entry = replies.get(queue.name());
    if (entry == null || entry.queue != queue) {
      return false;
    }
    replies.remove(queue.name());
    byKey.remove(RoutingKey.ofKey(queue.name()), entry);
    return true;
  }

  boolean hasReplies(String name) {
    return replies.containsKey(name);
  }

  int repliesCount() {
    return replies.size();
  }

  /** Names the queue that a key is the name of, if there is one. */
  <S> void match(RoutingKey key, S sink, BiConsumer<S, QueueEntry> report) {
    if (!byKey.match(key, sink, report)) {
      QueueEntry session = byName.get(key.asKey());
      if (session != null) {
        report.accept(sink, session);
      }
    }
  }
}
