package io.carrick.engine;

import io.carrick.engine.definitions.Definitions;
import io.carrick.engine.definitions.StoredMember;
import io.carrick.engine.definitions.StoredQueue;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.MemberConsumers.RestoredMember;
import io.carrick.engine.queue.Queue;
import io.carrick.engine.topology.QueueEntry;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.engine.topology.VirtualHosts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * What the store has of queues that sessions consume beside their own: who does, and whose the
 * messages are that were under way exactly once. Used by the thread that starts the broker.
 */
final class StoredShares {

  private final Definitions definitions;

  /** By the ids of the shared queue and the session's. */
  private final Map<Long, Map<Long, StoredMember>> members = new HashMap<>();

  /** By the id of the shared queue and the store's sequence. */
  private final Map<Long, Map<Long, Long>> pinned = new HashMap<>();

  StoredShares(Definitions definitions) {
    this.definitions = definitions;
  }

  // ---- from the store

  void member(String key, StoredMember member) {
    split(
        key,
        (queue, session) ->
            members.computeIfAbsent(queue, q -> new HashMap<>()).put(session, member));
  }

  void pinned(String key, long session) {
    split(
        key,
        (queue, sequence) ->
            pinned.computeIfAbsent(queue, q -> new HashMap<>()).put(sequence, session));
  }

  private static void split(String key, BiConsumer<Long, Long> into) {
    int slash = key.indexOf('/');
    into.accept(Long.parseLong(key.substring(0, slash)), Long.parseLong(key.substring(slash + 1)));
  }

  // ---- to the broker

  /** Gives a queue that is made again its members; called before anybody finds it. */
  void restore(Queue made, Map<Long, Optional<StoredQueue>> queues) {
    if (!made.isShared() && !members.containsKey(made.id()) && !pinned.containsKey(made.id())) {
      return;
    }
    var all = new ArrayList<RestoredMember>();
    membersOf(made.id())
        .forEach(
            (session, member) ->
                name(queues, session)
                    .ifPresent(
                        name ->
                            all.add(
                                new RestoredMember(
                                    session, name, member.attachment(), member.joined()))));
    made.members().restore(all, pinned.getOrDefault(made.id(), Map.of()));
  }

  private Map<Long, StoredMember> membersOf(long queue) {
    return members.getOrDefault(queue, Map.of());
  }

  private static Optional<String> name(Map<Long, Optional<StoredQueue>> queues, long id) {
    return queues.getOrDefault(id, Optional.empty()).map(queue -> queue.declaration().name());
  }

  /** Lets virtual hosts know who shares what; called when all queues are there. */
  void restore(Map<Long, Optional<StoredQueue>> queues, VirtualHosts hosts) {
    members.forEach(
        (shared, all) ->
            all.forEach(
                (session, member) -> {
                  Optional<StoredQueue> queue = queues.getOrDefault(shared, Optional.empty());
                  Optional<String> name = name(queues, session);
                  VirtualHost host = queue.map(q -> hosts.find(q.virtualHost())).orElse(null);
                  if (queue.isPresent() && name.isPresent() && host != null) {
                    host.restoreMember(queue.get().declaration().name(), name.get(), member);
                  }
                }));
  }

  /** Ends what nobody has a part in who outlives the broker. Called in a loop. */
  void start(Map<Long, Optional<StoredQueue>> queues, VirtualHosts hosts, LoopContext here) {
    for (VirtualHost host : hosts.all()) {
      for (QueueEntry entry : host.queues()) {
        Queue queue = entry.queue;
        boolean joined = queue.isShared() || members.containsKey(queue.id());
        if (joined && queues.containsKey(queue.id())) {
          here.tell(queue.home(), () -> queue.members().started());
        }
      }
    }
  }

  /** Removes what the store has of a queue that is not made again. */
  void removeQueue(long queue, LoopContext here) {
    membersOf(queue).keySet().forEach(s -> definitions.deleteMember(here, queue, s));
    pinned
        .getOrDefault(queue, Map.of())
        .keySet()
        .forEach(sequence -> definitions.deletePinned(here, queue, sequence));
  }

  /** Removes what is about queues or sessions that are not there. */
  void removeOrphans(Set<Long> queues, LoopContext here) {
    members.forEach(
        (queue, all) ->
            all.keySet().stream()
                .filter(session -> !queues.contains(queue) || !queues.contains(session))
                .forEach(session -> definitions.deleteMember(here, queue, session)));
    pinned.forEach(
        (queue, all) -> {
          if (!queues.contains(queue)) {
            all.keySet().forEach(s -> definitions.deletePinned(here, queue, s));
          }
        });
  }
}
