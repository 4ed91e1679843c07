package io.carrick.engine.topology;

import io.carrick.RoutingKey;
import io.carrick.engine.matching.KeyTable;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The queues of a virtual host by their names, and by the keys that those names are: a publisher to
 * the default exchange has a key, and to make a text of it would be an object for each message.
 * Changed under the virtual host's lock, read from any thread.
 */
final class NamedQueues {

  private final Map<String, QueueEntry> byName = new ConcurrentHashMap<>();

  /** Without those of sessions, which are many and hardly ever published to by name. */
  private final KeyTable<QueueEntry> byKey = new KeyTable<>();

  @Nullable QueueEntry get(String name) {
    return byName.get(name);
  }

  boolean has(String name) {
    return byName.containsKey(name);
  }

  int size() {
    return byName.size();
  }

  Collection<QueueEntry> all() {
    return byName.values();
  }

  void add(QueueEntry entry) {
    String name = entry.queue.name();
    byName.put(name, entry);
    if (!entry.isSession()) {
      byKey.add(RoutingKey.ofKey(name), entry);
    }
  }

  /** Removes a queue; returns whether it was there. */
  boolean remove(QueueEntry entry) {
    String name = entry.queue.name();
    if (!byName.remove(name, entry)) {
      return false;
    }
    if (!entry.isSession()) {
      byKey.remove(RoutingKey.ofKey(name), entry);
    }
    return true;
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
