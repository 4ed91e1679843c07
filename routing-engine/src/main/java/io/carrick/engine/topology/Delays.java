package io.carrick.engine.topology;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.ExchangeType.DelayingTable;
import io.carrick.spi.ExchangeType.MatchSink;
import io.carrick.spi.ExchangeType.RoutingTable;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The table of an exchange some of whose messages wait, and the queues of the broker's own in which
 * they do: to be routed to one of them is all that happens to such a message, so it is stored,
 * handed over and confirmed as any other. Queues are added and taken out under the lock of {@code
 * this}, and found without one.
 */
final class Delays implements RoutingTable {

  private final DelayKeeper keeper;
  private final ExchangeDeclaration declaration;
  private final DelayingTable table;

  /** By the keys of their stretches. */
  private final Map<Long, Place> places = new ConcurrentHashMap<>();

  private boolean ended;

  /** A queue, and the binding that leads to it. Immutable. */
  private record Place(DelayedMessages messages, Binding binding) {}

  Delays(DelayKeeper keeper, ExchangeDeclaration declaration, DelayingTable table) {
    this.keeper = keeper;
    this.declaration = declaration;
    this.table = table;
  }

  DelayKeeper keeper() {
    return keeper;
  }

  String exchange() {
    return declaration.name();
  }

  // ---- the table

  @Override
  public void add(Binding binding) {
    table.add(binding);
  }

  @Override
  public void remove(Binding binding) {
    table.remove(binding);
  }

  @Override
  public void route(RoutingKey key, Message message, MatchSink matched) {
    if (matched instanceof LoopSink sink && message.annotations().waitedMs() == 0) {
      long delayMs = table.delayMs(message);
      if (delayMs > 0) {
        Place place = find(message, delayMs, sink.here(), sink.releases());
        if (place == null) {
          return;
        }
        if (key
            == message.routingKey()) { // and not one of its further keys, by which it comes again
          sink.here().counts().add(Count.DELAYED);
        }
        matched.matched(place.binding);
        return;
      }
    }
    table.route(key, message, matched);
  }

  long delayMs(Message message) {
    return table.delayMs(message);
  }

  // ---- the queues

  /** Finds or makes the place of a message; null if the exchange is gone. */
  @Nullable DelayedMessages place(
      Message message, long delayMs, LoopContext here, Releases releases) {
    Place place = find(message, delayMs, here, releases);
    return place == null ? null : place.messages;
  }

  private @Nullable Place find(Message message, long delayMs, LoopContext here, Releases releases) {
    long due = message.arrivedMs() + delayMs;
    Stretch stretch = Stretch.of(due < 0 ? Long.MAX_VALUE >> 1 : due, here.loop().wallTimeMs());
    Place there = places.get(stretch.key());
    return there == null ? make(stretch, here, releases) : there;
  }

  private synchronized @Nullable Place make(Stretch stretch, LoopContext here, Releases releases) {
    Place there = places.get(stretch.key());
    if (there != null) {
      return there;
    }
    if (ended) {
      return null;
    }
    Place made = place(keeper.make(declaration, stretch, here), stretch);
    places.put(stretch.key(), made);
    releases.add(made.messages);
    return made;
  }

  private Place place(QueueEntry entry, Stretch stretch) {
    var binding =
        new Binding(
            declaration.name(),
            Binding.Target.QUEUE,
            entry.name(),
            RoutingKey.EMPTY,
            Map.of(),
            entry);
    return new Place(new DelayedMessages(this, entry, stretch), binding);
  }

  /** Takes a queue as the store has it. */
  synchronized DelayedMessages restore(long id, long stretchKey, LoopContext home) {
    Stretch stretch = Stretch.ofKey(stretchKey);
    Place made = place(keeper.restore(id, declaration, stretch, home), stretch);
    places.putIfAbsent(stretchKey, made);
    return made.messages;
  }

  synchronized void forget(DelayedMessages messages) {
    places.values().removeIf(place -> place.messages == messages);
  }

  /** The exchange is gone, and what waits with it. */
  synchronized void end(LoopContext here) {
    ended = true;
    places.values().forEach(place -> keeper.end(place.messages.entry(), here));
    places.clear();
  }
}
