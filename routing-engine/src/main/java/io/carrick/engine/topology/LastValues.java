package io.carrick.engine.topology;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.engine.definitions.Definitions;
import io.carrick.engine.delivery.Follower.LastValue;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.engine.matching.TopicValues;
import io.carrick.engine.matching.ValueCursor;
import io.carrick.spi.LastValueCursor;
import io.carrick.spi.Loop;
import io.carrick.spi.Loop.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The last value of every topic that has one, within two bounds. Thread-safe: changes are guarded
 * by {@code this}, so that the store has the same last one; look-ups take no lock.
 */
public final class LastValues {

  /** The end of a message without a time to live. */
  private static final long FOR_EVER = Long.MAX_VALUE;

  /** A topic's place among the others. */
  private static final long ENTRY_BYTES = 100;

  /** What part of the bound in bytes may come on top of it by values that replace others. */
  private static final long GROWTH = 4;

  /** How many go in one step when their time is over. */
  private static final int STEP = 64;

  private static final RoutingKey EVERY_TOPIC = RoutingKey.ofKey("#");

  private final String virtualHost;
  private final Definitions definitions;
  private final ReservedKeys reserved;
  private final TopicValues<Message> values = new TopicValues<>();
  private final long most;
  private final long mostBytes;

  /** Written under the lock, read by anyone. */
  private volatile long bytes;

  /** Those with an end; null before the first. */
  private @Nullable ExpiringValues expiring;

  /** Where those go whose time is over; null before the first. */
  private @Nullable LoopContext home;

  private @Nullable Timer timer;
  private long timerMs;

  /** Those that are not at their end. Written under the lock, read by anyone. */
  private volatile List<LastValueReplay> replays = List.of();

  /** Which queues a publish has found. Asked in its loop. */
  @FunctionalInterface
  public interface Reach {
    boolean reaches(QueueEntry queue);
  }

  /**
   * Makes a virtual host's.
   *
   * @param reserved what the broker says of itself, which is of no use to the next one
   */
  LastValues(String virtualHost, Definitions definitions, Limits limits, ReservedKeys reserved) {
    this.virtualHost = virtualHost;
    this.reserved = reserved;
    this.definitions = definitions;
    this.most = limits.value(Limit.LAST_VALUES);
    this.mostBytes = limits.value(Limit.LAST_VALUE_BYTES);
  }

  /** Returns when a message is too old, as wall time in milliseconds. */
  static long endOf(Message message) {
    OptionalLong ms = message.properties().expirationMs();
    if (ms.isEmpty()) {
      return FOR_EVER;
    }
    long end = message.arrivedMs() + ms.getAsLong();
    return end < message.arrivedMs() ? FOR_EVER : end;
  }

  /**
   * Returns whether a message that comes to an exchange becomes a last value, or clears one: only
   * where topics are. Elsewhere RETAIN is a word of its publisher's like any other.
   */
  public boolean takes(Message message, Exchange exchange) {
    return message.properties().retain() && reserved.exchanges().contains(exchange.name());
  }

  /**
   * Keeps a message, which has been routed, as the last value of its topic; an empty payload clears
   * it. One that finds no room is not kept and counted, and the value before it, which is the last
   * one no more, goes. One whose key is no topic is not kept and counted.
   *
   * @param found where it goes
   * @param here the loop that publishes
   * @return the store's sequence of the change, 0 if it is not stored
   */
  public long keep(Message message, Reach found, LoopContext here) {
    if (!message.routingKey().hasTopic()) {
      here.counts().add(Count.NO_TOPIC);
      return 0;
    }
    boolean clears = message.payload().length == 0;
    boolean stores =
        definitions.kept()
            && here.storeTakes()
            && !reserved.reserves(message.exchange(), message.routingKey());
    byte[] record =
        stores && !clears ? definitions.lastValueRecord(virtualHost, message) : new byte[0];
    synchronized (this) {
      Optional<Message> before = values.get(message.routingKey());
      if (clears || !hasRoom(message, before)) {
        here.counts().add(Count.LAST_VALUES_FULL, clears ? 0 : 1);
        tell(message, clears ? LastValue.CLEARED : LastValue.NO_ROOM, here);
        long cleared = before.isPresent() ? clear(message.routingKey(), here) : 0;
        return stores ? cleared : 0;
      }
      for (LastValueReplay replay : replays) {
        replay.published(message, found);
      }
      put(message);
      tell(message, LastValue.KEPT, here);
      if (expiring != null) {
        watch(here);
      }
      return stores ? definitions.lastValue(here, keyOf(message.routingKey()), record) : 0;
    }
  }

  private void tell(Message message, LastValue what, LoopContext here) {
    if (message.isFollowed()) {
      here.follower().kept(message, virtualHost, what);
    }
  }

  private String keyOf(RoutingKey topic) {
    return Definitions.lastValueKey(virtualHost, topic);
  }

  private boolean hasRoom(Message message, Optional<Message> before) {
    if (before.isEmpty()) {
      return values.size() < most && bytes + memoryBytes(message) <= mostBytes;
    }
    long growth = memoryBytes(message) - memoryBytes(before.get());
    return growth <= 0 || bytes + growth - mostBytes <= mostBytes / GROWTH;
  }

  /** Takes a message as the store has it; there is room for all that were kept. */
  public synchronized void restore(Message message) {
    put(message);
  }

  /** Has those go whose time is over or will be, now that loops run. */
  public synchronized void start(LoopContext here) {
    if (expiring != null) {
      watch(here);
    }
  }

  private void put(Message message) {
    RoutingKey topic = message.routingKey();
    long added = memoryBytes(message);
    Optional<Message> before = values.put(topic, message);
    before.ifPresent(old -> notExpiring(topic, old));
    bytes = bytes + added - before.map(LastValues::memoryBytes).orElse(0L);
    long end = endOf(message);
    if (end != FOR_EVER) {
      if (expiring == null) {
        expiring = new ExpiringValues();
      }
      expiring.add(topic, end);
    }
  }

  private void notExpiring(RoutingKey topic, Message gone) {
    long end = endOf(gone);
    if (expiring != null && end != FOR_EVER) {
      expiring.remove(topic, end);
    }
  }

  /** Clears the last value of one topic; returns the store's sequence of that. */
  synchronized long clear(RoutingKey topic, LoopContext here) {
    for (LastValueReplay replay : replays) {
      replay.cleared(topic);
    }
    values
        .remove(topic)
        .ifPresent(
            gone -> {
              bytes = bytes - memoryBytes(gone);
              notExpiring(topic, gone);
            });
    return definitions.kept() ? definitions.deleteLastValue(here, keyOf(topic)) : 0;
  }

  // ---- what is too old

  /** Looks again when the next one can go. */
  private void watch(LoopContext here) {
    ExpiringValues all = expiring;
    LoopContext at = home == null ? here : home;
    home = at;
    if (all == null || all.isEmpty() || (timer != null && timerMs <= all.firstMs())) {
      return;
    }
    if (timer != null) {
      timer.cancel();
    }
    timerMs = all.firstMs();
    long delayMs = Math.max(0, timerMs - at.loop().wallTimeMs());
    timer = at.loop().schedule(delayMs, () -> due(at));
  }

  private synchronized void due(LoopContext here) {
    ExpiringValues all = expiring;
    long now = here.loop().wallTimeMs();
    for (int gone = 0; all != null && !all.isEmpty() && all.firstMs() <= now; gone++) {
      if (gone == STEP) {
        here.loop().continueLater(() -> due(here));
        return;
      }
      here.counts().add(Count.LAST_VALUE_EXPIRED);
      here.loop().worked(1);
      clear(all.first(), here);
    }
    timer = null;
    watch(here);
  }

  // ---- bindings that ask for them

  /** A binding is about to be made; from now on what comes live to its queue is noted. */
  synchronized void begin(LastValueReplay replay) {
    var more = new ArrayList<>(replays);
    more.add(replay);
    replays = List.copyOf(more);
  }

  /** Returns the last value of a topic as it is now. */
  synchronized Optional<Message> ofNow(RoutingKey topic) {
    return values.get(topic);
  }

  /** A replay is at its end. */
  synchronized void end(LastValueReplay replay) {
    replays = replays.stream().filter(other -> other != replay).toList();
  }

  // ---- looking

  private static long memoryBytes(Message message) {
    long place = endOf(message) == FOR_EVER ? 0 : ExpiringValues.ENTRY_BYTES;
    return ENTRY_BYTES + place + message.memoryBytes();
  }

  /** Returns how many bytes of memory the last values hold, about. From any thread. */
  public long bytes() {
    return bytes;
  }

  /** Returns how many topics have a last value. From any thread. */
  public int size() {
    return values.size();
  }

  /**
   * Looks up the last values that match a filter: those that are not too old.
   *
   * @param loop of who asks
   * @param wanted which of them are for it
   */
  public LastValueCursor match(RoutingKey filter, Loop loop, Predicate<Message> wanted) {
    return new LastValueSearch(values.find(filter), loop, wanted);
  }

  /** Goes through all of them, whether they are too old or not. */
  ValueCursor<Message> all() {
    return values.find(EVERY_TOPIC);
  }
}
