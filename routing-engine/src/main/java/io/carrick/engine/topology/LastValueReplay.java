package io.carrick.engine.topology;

import io.carrick.Binding;
import io.carrick.HeaderNames;
import io.carrick.Message;
import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.Arrival;
import io.carrick.engine.queue.Queue;
import io.carrick.engine.topology.LastValues.Reach;
import io.carrick.spi.LastValueCursor;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Brings a queue the last values that match a new binding of it, once (MAP-31). What has come live
 * meanwhile is guarded by the lock of the {@link LastValues}; the rest is confined to the queue's
 * loop.
 *
 * <p>Each message comes once, live or as a last value. Who publishes routes first and keeps then.
 * So what was routed before the binding was there is kept when every loop has answered since, and
 * only then the walk begins; of what is routed after that it is noted, before it is kept, that it
 * comes live. The walk is in the queue's loop, for what comes live to be behind the value before
 * it.
 */
public final class LastValueReplay {

  /** How many come in one step. */
  private static final int BATCH = 256;

  private final VirtualHost host;
  private final LastValues values;
  private final QueueEntry entry;
  private final Binding binding;

  /** The topics of which a later value has come live; none that has no last value. */
  private final Set<RoutingKey> live = new HashSet<>();

  /** Null before the start. */
  private @Nullable LastValueCursor cursor;

  /** The last record that was stored for it. */
  private long sequence;

  /** Hears that the values are there; null when it has. */
  private @Nullable LongConsumer told;

  LastValueReplay(VirtualHost host, QueueEntry entry, Binding binding) {
    this.host = host;
    this.values = host.lastValues();
    this.entry = entry;
    this.binding = binding;
  }

  /** Returns whether a binding asks for the last values that match it. */
  public static boolean isAskedFor(Binding binding) {
    return !binding.arguments().isEmpty()
        && !Boolean.FALSE.equals(
            binding.arguments().getOrDefault(HeaderNames.MQTT_RETAINED, false));
  }

  /**
   * Checks that a binding that asks for last values can have them.
   *
   * @throws PreconditionFailedException if it cannot
   */
  public static void check(Binding binding, VirtualHost host) {
    Object asked = binding.arguments().get(HeaderNames.MQTT_RETAINED);
    if (!(asked instanceof Boolean)) {
      throw refused("is true or false, not '" + asked + "'");
    }
    if (binding.target() != Binding.Target.QUEUE) {
      throw refused("is for bindings of queues");
    }
    Exchange source = host.exchangeOrNull(binding.exchange());
    if (source != null
        && !(source.isTopic() && host.reservedKeys.exchanges().contains(source.name()))) {
      throw refused(
          "is for the topic exchange that carries MQTT's topics, not for exchange '%s' in vhost '%s'"
              .formatted(source.name(), host.name()));
    }
  }

  private static PreconditionFailedException refused(String why) {
    return new PreconditionFailedException(
        "binding argument '" + HeaderNames.MQTT_RETAINED + "' " + why);
  }

  /** Returns the loop in which it is started. */
  public LoopContext home() {
    return entry.queue.home();
  }

  // ---- what comes live, under the lock of the last values

  /** A message becomes a last value. */
  void published(Message message, Reach found) {
    if (message.exchange().equals(binding.exchange()) && found.reaches(entry)) {
      live.add(message.routingKey());
    } else {
      live.remove(message.routingKey());
    }
  }

  /** A topic has no last value any more. */
  void cleared(RoutingKey topic) {
    live.remove(topic);
  }

  /** Returns what is to come for a value that was found: the last one of its topic, if not live. */
  private Optional<Message> toCome(Message found) {
    RoutingKey topic = found.routingKey();
    synchronized (values) {
      return live.contains(topic) ? Optional.empty() : values.ofNow(topic);
    }
  }

  // ---- the walk

  /**
   * Starts it, when every loop has answered what it was told after the binding was made.
   *
   * @param wanted which values are for who has bound
   * @param done gets the store's sequence of the last one, as soon as they are there or have to
   *     wait for an alarm to be over
   */
  public void start(Predicate<Message> wanted, LongConsumer done) {
    told = done;
    cursor = values.match(binding.key(), home().loop(), wanted);
    goOn();
  }

  private void goOn() {
    LoopContext here = home();
    LastValueCursor left = cursor;
    if (left == null || !host.isBound(entry, binding)) {
      end();
    } else if (here.alarms().any()) {
      answer(); // it may be the client that has to make room
      here.whenAlarmLowered(this::goOn);
    } else if (here.storeCongested()) {
      here.whenStoreRelieved(this::goOn);
    } else if (bringSome(left, here)) {
      end();
    } else {
      here.loop().continueLater(this::goOn);
    }
  }

  /** Brings what there is room for in this turn; returns whether that was the last of it. */
  private boolean bringSome(LastValueCursor left, LoopContext here) {
    for (int i = 0; i < BATCH && !left.atEnd() && !here.loop().workedEnough(); i++) {
      here.loop().worked(1);
      Optional<Message> found = left.next();
      if (found.isEmpty()) {
        break; // it has looked far without finding one
      }
      toCome(found.get()).filter(this::isMet).ifPresent(value -> bring(value, here));
    }
    return left.atEnd();
  }

  /** Whether wildcards meet a first level with a dollar sign is for the exchange to say (MAP-7). */
  private boolean isMet(Message value) {
    Exchange source = host.exchangeOrNull(binding.exchange());
    if (source == null || !value.routingKey().dollar()) {
      return source != null;
    }
    var met = new AtomicBoolean();
    source.table.route(
        value.routingKey(), value, any -> met.compareAndSet(false, binding.equals(any)));
    return met.get();
  }

  private void bring(Message value, LoopContext here) {
    Queue queue = entry.queue;
    Message message = value.asLastValue(here.loop().wallTimeMs());
    sequence = Math.max(sequence, Arrival.lastValue(queue, message));
  }

  /** It will not start, or is at its end. */
  void end() {
    cursor = null;
    values.end(this);
    answer();
  }

  private void answer() {
    LongConsumer waiting = told;
    told = null;
    if (waiting != null) {
      waiting.accept(sequence);
    }
  }
}
