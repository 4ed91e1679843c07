package io.carrick.engine.tracing;

import io.carrick.ConnectionInfo;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.MessagePath;
import io.carrick.Trace;
import io.carrick.TraceEvent;
import io.carrick.TraceFilter;
import io.carrick.engine.delivery.Follower;
import io.carrick.engine.delivery.LoopContext;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A trace under way. Guarded by {@code this}, held for memory work only: loops note what happens,
 * which gives events of several loops one order, and others read it.
 */
public final class Tracing implements Trace, Tracer {

  private final Tracers tracers;
  private final TraceFilter filter;
  private final Chooser chooser;
  private final People people;
  private final EventFeed feed;
  private final int mostTraces;
  private final int mostMessages;
  private final int mostEvents;

  private final Deque<Steps> kept = new ArrayDeque<>();
  private long seen;
  private long followed;
  private boolean closed;

  /**
   * What a trace asks of the broker. Immutable, and callable from any loop.
   *
   * @param loops where it may be called
   * @param clients finds a client by its connection's id
   */
  public record People(
      List<LoopContext> loops, Function<String, Optional<ConnectionInfo>> clients) {

    /** Returns the wall time of the loop that it is called in. */
    Instant now() {
      for (LoopContext context : loops) {
        if (context.loop().inLoop()) {
          return Instant.ofEpochMilli(context.loop().wallTimeMs());
        }
      }
      throw new IllegalStateException("messages are followed in loops");
    }

    /** Names a client with its protocol. */
    String named(String connectionId) {
      return clients.apply(connectionId).map(People::named).orElse(connectionId);
    }

    static String named(ConnectionInfo client) {
      String name = client.name().isEmpty() ? client.id() : client.name();
      return name + " (" + client.protocol() + ")";
    }
  }

  /**
   * Makes a trace that has not begun.
   *
   * @param feed takes events for the listener
   */
  public Tracing(
      Tracers tracers, TraceFilter filter, People people, EventFeed feed, Limits limits) {
    this.tracers = tracers;
    this.filter = filter;
    this.chooser = Chooser.of(filter);
    this.people = people;
    this.feed = feed;
    int most = limits.count(Limit.TRACE_MESSAGES);
    this.mostMessages = Math.min(most, filter.keeping().orElse(most));
    this.mostTraces = limits.count(Limit.TRACES);
    this.mostEvents = limits.count(Limit.TRACE_EVENTS);
  }

  /**
   * Begins.
   *
   * @throws IllegalStateException if there are as many traces as there may be
   */
  public void begin() {
    if (!tracers.add(this, mostTraces)) {
      throw new IllegalStateException("there are " + mostTraces + " traces, and may be no more");
    }
  }

  // ---- in loops

  @Override
  public @Nullable Follower follow(Message message, Source from) {
    if (!chooser.wants(message, from)) {
      return null;
    }
    return followed(new Steps(this, people, filter.queue(), from.virtualHost()), message, from);
  }

  private synchronized @Nullable Follower followed(Steps steps, Message message, Source from) {
    if (closed || (filter.queue().isEmpty() && !isOneIn())) {
      return null;
    }
    steps.arrived(message, from);
    return steps;
  }

  private boolean isOneIn() {
    return seen++ % filter.oneIn() == 0;
  }

  /**
   * Takes a message among those that are kept, once it has come to where it is looked for.
   *
   * @return its number; 0 if it is left out after all
   */
  synchronized long keep(Steps steps) {
    if (closed || (filter.queue().isPresent() && !isOneIn())) {
      return 0;
    }
    kept.addLast(steps);
    if (kept.size() > mostMessages) {
      kept.removeFirst().forget();
    }
    return ++followed;
  }

  /** Tells the listener. */
  void tell(TraceEvent event) {
    feed.add(event);
  }

  /** Returns whether it has ended. */
  boolean closed() {
    return closed;
  }

  int mostEvents() {
    return mostEvents;
  }

  // ---- elsewhere

  @Override
  public synchronized List<MessagePath> messages() {
    return kept.stream().map(Steps::path).toList();
  }

  @Override
  public synchronized long followed() {
    return followed;
  }

  @Override
  public synchronized long forgotten() {
    return followed - kept.size();
  }

  @Override
  public long missed() {
    return feed.missed();
  }

  @Override
  public void close() {
    tracers.remove(tracer -> tracer == this);
    synchronized (this) {
      closed = true;
    }
    feed.close();
  }

  @Override
  public String toString() {
    return messages().stream().map(MessagePath::tree).collect(Collectors.joining("\n\n"));
  }
}
