package io.carrick.engine.routing;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.engine.delivery.Follower;
import io.carrick.engine.delivery.Follower.Alternate;
import io.carrick.engine.delivery.Follower.Route;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.topology.Destination;
import io.carrick.engine.topology.LoopSink;
import io.carrick.engine.topology.QueueEntry;
import io.carrick.engine.topology.Releases;
import io.carrick.engine.topology.Seen;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Stands before the matches of a message that is followed and notes by what it has come to them.
 * Confined to the loop of its routing.
 */
final class NotedMatches implements LoopSink {

  private final Matches matches;
  private final List<Binding> bindings = new ArrayList<>();
  private final List<Alternate> alternates = new ArrayList<>();

  /** The exchanges that have it wait, which one does for each of its keys. */
  private final Set<String> waitsIn = new LinkedHashSet<>(1);

  NotedMatches(Matches matches) {
    this.matches = matches;
  }

  @Override
  public LoopContext here() {
    return matches.here();
  }

  @Override
  public Releases releases() {
    return matches.releases();
  }

  @Override
  public long routing() {
    return matches.routing();
  }

  @Override
  public void first(Seen seen) {
    matches.first(seen);
  }

  @Override
  public void repeated(Seen before) {
    matches.repeated(before);
  }

  @Override
  public void matched(Binding binding) {
    if (Destination.of(binding) instanceof QueueEntry e && !e.queue.owner().isSeen()) {
      waitsIn.add(binding.exchange());
    } else {
      bindings.add(binding);
    }
    matches.matched(binding);
  }

  /** An exchange led nowhere, and its alternate exchange is tried. */
  void alternate(String of, String to) {
    alternates.add(new Alternate(of, to));
  }

  /** Tells what it has noted; each of several keys may have matched the same binding. */
  void tell(Follower follower, Message message, String virtualHost) {
    follower.routed(message, route(virtualHost, message.exchange()));
    waitsIn.forEach(exchange -> follower.delayed(message, virtualHost, exchange));
  }

  private Route route(String virtualHost, String exchange) {
    var queues = new ArrayList<String>(matches.count());
    for (int i = 0; i < matches.count(); i++) {
      if (matches.queue(i).queue.owner().isSeen()) {
        queues.add(matches.queue(i).queue.name());
      }
    }
    return new Route(
        virtualHost,
        exchange,
        bindings.stream().distinct().toList(),
        alternates,
        queues,
        !waitsIn.isEmpty());
  }
}
