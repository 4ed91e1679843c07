package io.carrick.engine.tracing;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.MessagePath;
import io.carrick.Refusal;
import io.carrick.RoutingKey;
import io.carrick.TraceEvent;
import io.carrick.TraceEvent.Stage;
import io.carrick.engine.delivery.Follower;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.spi.Settlement;
import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What a trace has noted of one message. Guarded by its {@link Tracing}, which gives it its number
 * once the message has come to where it is looked for; until then nobody sees it. A message that
 * lives on, such as a last value, does not keep a trace in memory that nobody else has any more.
 */
final class Steps implements Follower {

  private static final long NO_NUMBER = 0;
  private static final String SETTLED = "settled";

  private final WeakReference<Tracing> trace;
  private final Tracing.People people;
  private final Optional<String> wantedQueue;
  private final String virtualHost;
  private final List<TraceEvent> events = new ArrayList<>();
  private long number = NO_NUMBER;
  private long leftOut;

  /** Whether it is one of those that sampling leaves out. */
  private boolean unwanted;

  /** Whether only the listener hears of it still. */
  private boolean forgotten;

  /**
   * Makes what is noted of a message that arrives.
   *
   * @param wantedQueue where it has to come to
   */
  Steps(Tracing trace, Tracing.People people, Optional<String> wantedQueue, String virtualHost) {
    this.trace = new WeakReference<>(trace);
    this.people = people;
    this.wantedQueue = wantedQueue;
    this.virtualHost = virtualHost;
  }

  MessagePath path() {
    return new MessagePath(number, virtualHost, events, leftOut);
  }

  /** What there is to say of a step beside when and at what stage it is. Immutable. */
  private record Step(String exchange, String queue, String key, String party, String detail) {

    static Step of(String queue, String detail) {
      return new Step("", queue, "", "", detail);
    }

    static Step ofExchange(String exchange, String detail) {
      return new Step(exchange, "", "", "", detail);
    }
  }

  private void add(Stage stage, Step step) {
    together(at -> add(at, stage, step));
  }

  /** Notes several steps with nothing of other loops between them. */
  private void together(Consumer<Tracing> steps) {
    Tracing at = trace.get();
    if (at == null) {
      return;
    }
    synchronized (at) {
      if (!at.closed() && !unwanted) {
        steps.accept(at);
      }
    }
  }

  private void add(Tracing at, Stage stage, Step step) {
    var event =
        new TraceEvent(
            number,
            people.now(),
            stage,
            step.exchange,
            step.queue,
            step.key,
            step.party,
            step.detail);
    if (number != NO_NUMBER) {
      at.tell(event);
    }
    if (forgotten) {
      return;
    } else if (events.size() < at.mostEvents()) {
      events.add(event);
    } else {
      leftOut++;
    }
  }

  /** It is not kept any more. */
  void forget() {
    forgotten = true;
    events.clear();
  }

  /** It is one of those that are looked for: all that has been noted is told. */
  private void keep(Tracing at) {
    number = at.keep(this);
    unwanted = number == NO_NUMBER;
    if (unwanted) {
      events.clear();
      return;
    }
    events.replaceAll(
        e ->
            new TraceEvent(
                number,
                e.time(),
                e.stage(),
                e.exchange(),
                e.queue(),
                e.key(),
                e.party(),
                e.detail()));
    events.forEach(at::tell);
  }

  // ---- in the publisher's loop

  /** It has arrived. */
  void arrived(Message message, Source from) {
    String party =
        from.client().map(Tracing.People::named).orElseGet(() -> message.publisher().clientId());
    boolean mqtt = from.client().filter(c -> c.protocol().startsWith("MQTT")).isPresent();
    String quality = mqtt ? "QoS " + message.properties().guarantee().qos() : "";
    String retain = mqtt && message.properties().retain() ? ", retained" : "";
    add(
        Stage.ARRIVED,
        new Step(message.exchange(), "", text(message.routingKey()), party, quality + retain));
    if (wantedQueue.isEmpty()) {
      together(this::keep);
    }
  }

  /** Keys are shown as who has made them knows them. */
  private static String text(RoutingKey key) {
    return key.toString();
  }

  @Override
  public void routed(Message message, Route route) {
    together(
        at -> {
          add(
              Stage.ROUTED,
              Step.ofExchange(route.exchange(), Integer.toString(route.queues().size())));
          Deque<Alternate> alternates = new ArrayDeque<>(route.alternates());
          Set<String> byName = new LinkedHashSet<>(route.queues());
          for (Binding binding : route.bindings()) {
            while (alternates.stream().anyMatch(a -> a.to().equals(binding.exchange()))) {
              add(alternates.removeFirst());
            }
            if (binding.target() == Binding.Target.QUEUE) {
              byName.remove(binding.destination());
            }
            add(binding);
          }
          alternates.forEach(this::add);
          // The default exchange has no bindings. AMQP 0-9-1 §3.1.3.1
          byName.forEach(queue -> add(Stage.MATCHED, Step.of(queue, "")));
          if (route.queues().isEmpty() && !route.waits()) {
            add(Stage.UNROUTABLE, Step.ofExchange(route.exchange(), ""));
          }
          if (number == NO_NUMBER && wantedQueue.filter(route.queues()::contains).isPresent()) {
            keep(at);
          }
        });
  }

  private void add(Alternate alternate) {
    add(Stage.ALTERNATE, Step.ofExchange(alternate.of(), alternate.to()));
  }

  private void add(Binding binding) {
    boolean toQueue = binding.target() == Binding.Target.QUEUE;
    String queue = toQueue ? binding.destination() : "";
    String exchange = toQueue ? "" : binding.destination();
    add(Stage.MATCHED, new Step(binding.exchange(), queue, text(binding.key()), "", exchange));
  }

  @Override
  public void refused(Message message, String host, Refusal why) {
    add(Stage.REFUSED, Step.ofExchange(message.exchange(), lower(why)));
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  @Override
  public void notAdmitted(Message message, String host, String queue) {
    add(Stage.NOT_ADMITTED, Step.of(queue, ""));
  }

  @Override
  public void kept(Message message, String host, LastValue what) {
    add(Stage.LAST_VALUE, Step.ofExchange(message.exchange(), lower(what)));
  }

  @Override
  public void delayed(Message message, String host, String exchange) {
    add(Stage.DELAYED, Step.ofExchange(exchange, ""));
  }

  @Override
  public void released(Message message, String host, String exchange) {
    add(Stage.RELEASED, Step.ofExchange(exchange, ""));
  }

  @Override
  public void notReleased(Message message, String host, Count why) {
    add(Stage.DROPPED, Step.of("", why.reason()));
  }

  @Override
  public void deadLettered(Message letter, String host) {
    letter
        .annotations()
        .lastDeath()
        .ifPresent(
            death ->
                add(
                    Stage.DEAD_LETTERED,
                    new Step(letter.exchange(), death.queue(), "", "", death.reason().text())));
  }

  // ---- in a queue's loop

  @Override
  public void taken(Message message, String host, String queue) {
    add(Stage.QUEUED, Step.of(queue, ""));
  }

  @Override
  public void delivered(Message message, String host, String queue, Handover to) {
    Stage stage = to.again() ? Stage.DELIVERED_AGAIN : Stage.DELIVERED;
    String detail = to.settled() ? SETTLED : "";
    add(stage, new Step("", queue, "", people.named(to.connectionId()), detail));
  }

  @Override
  public void settled(Message message, String host, String queue, Settlement how) {
    Stage stage =
        switch (how) {
          case ACCEPT -> Stage.ACCEPTED;
          case REJECT -> Stage.REJECTED;
          case REQUEUE -> Stage.REQUEUED;
          case UNDELIVERABLE -> Stage.UNDELIVERABLE;
        };
    add(stage, Step.of(queue, ""));
  }

  /** What a consumer has said was told, and where a dead letter goes will be. */
  @Override
  public void dropped(Message message, String host, String queue, Count why, boolean deadLetter) {
    if (why != Count.REJECTED && !deadLetter) {
      add(Stage.DROPPED, Step.of(queue, why.reason()));
    }
  }
}
