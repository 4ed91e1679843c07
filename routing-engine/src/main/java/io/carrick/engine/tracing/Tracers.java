package io.carrick.engine.tracing;

import io.carrick.Message;
import io.carrick.Refusal;
import io.carrick.engine.delivery.Follower;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.spi.LoopGroup;
import io.carrick.spi.Settlement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who traces now, as those who let messages in see it, and whom they follow, as all others do: who
 * follows a message is the mark on it. Thread-safe: the list is copied when it changes, under the
 * lock of {@code this}, and read without one.
 */
public final class Tracers implements Follower {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.engine");

  /** Null while there is none, as nearly always: that is all that is asked for a message then. */
  private volatile @Nullable List<Tracer> all;

  /** Starts with none. */
  public Tracers() {}

  /** Has somebody choose from now on, unless there are so many of its kind already. */
  public synchronized boolean add(Tracer tracer, int most) {
    List<Tracer> before = all == null ? List.of() : all;
    if (before.stream().filter(other -> other.getClass() == tracer.getClass()).count() >= most) {
      return false;
    }
    var more = new ArrayList<>(before);
    more.add(tracer);
    all = List.copyOf(more);
    return true;
  }

  /** Has those choose no more that a condition holds for; returns them. */
  public synchronized List<Tracer> remove(Predicate<Tracer> condition) {
    List<Tracer> before = all == null ? List.of() : all;
    List<Tracer> left = before.stream().filter(condition.negate()).toList();
    all = left.isEmpty() ? null : left;
    return before.stream().filter(condition).toList();
  }

  /** Returns whether there is one that a condition holds for. */
  public boolean any(Predicate<Tracer> condition) {
    List<Tracer> now = all;
    return now != null && now.stream().anyMatch(condition);
  }

  /** Returns a message that is let in now as it is to be routed: with a mark if it is followed. */
  public Message arrived(Message message, Source from) {
    List<Tracer> now = all;
    return now == null ? message : marked(message, from, now);
  }

  private static Message marked(Message message, Source from, List<Tracer> tracers) {
    Follower followers = NOBODY;
    for (int i = 0; i < tracers.size(); i++) { // an iterator would be one for each message
      Follower follower = follow(tracers.get(i), message, from);
      if (follower != null) {
        followers = followers.and(follower);
      }
    }
    return followers == NOBODY
        ? message
        : message.annotated(message.annotations().withMark(followers));
  }

  private static @Nullable Follower follow(Tracer tracer, Message message, Source from) {
    try {
      return tracer.follow(message, from);
    } catch (RuntimeException | Error bug) {
      reportBug(bug);
      return null;
    }
  }

  /** What it says is of use to nobody who publishes or consumes, and harms nobody. */
  private static void reportBug(Throwable bug) {
    if (LoopGroup.isFatal(bug)) {
      throw (Error) bug;
    }
    log.error("a trace has failed", bug);
  }

  private static void tell(Message message, Consumer<Follower> what) {
    if (message.annotations().mark().orElse(null) instanceof Follower follower) {
      try {
        what.accept(follower);
      } catch (RuntimeException | Error bug) {
        reportBug(bug);
      }
    }
  }

  @Override
  public void routed(Message message, Route route) {
    tell(message, f -> f.routed(message, route));
  }

  @Override
  public void refused(Message message, String virtualHost, Refusal why) {
    tell(message, f -> f.refused(message, virtualHost, why));
  }

  @Override
  public void notAdmitted(Message message, String virtualHost, String queue) {
    tell(message, f -> f.notAdmitted(message, virtualHost, queue));
  }

  @Override
  public void kept(Message message, String virtualHost, LastValue what) {
    tell(message, f -> f.kept(message, virtualHost, what));
  }

  @Override
  public void delayed(Message message, String virtualHost, String exchange) {
    tell(message, f -> f.delayed(message, virtualHost, exchange));
  }

  @Override
  public void released(Message message, String virtualHost, String exchange) {
    tell(message, f -> f.released(message, virtualHost, exchange));
  }

  @Override
  public void notReleased(Message message, String virtualHost, Count why) {
    tell(message, f -> f.notReleased(message, virtualHost, why));
  }

  @Override
  public void deadLettered(Message letter, String virtualHost) {
    tell(letter, f -> f.deadLettered(letter, virtualHost));
  }

  @Override
  public void taken(Message message, String virtualHost, String queue) {
    tell(message, f -> f.taken(message, virtualHost, queue));
  }

  @Override
  public void delivered(Message message, String virtualHost, String queue, Handover to) {
    tell(message, f -> f.delivered(message, virtualHost, queue, to));
  }

  @Override
  public void settled(Message message, String virtualHost, String queue, Settlement how) {
    tell(message, f -> f.settled(message, virtualHost, queue, how));
  }

  @Override
  public void dropped(
      Message message, String virtualHost, String queue, Count why, boolean deadLetter) {
    tell(message, f -> f.dropped(message, virtualHost, queue, why, deadLetter));
  }
}
