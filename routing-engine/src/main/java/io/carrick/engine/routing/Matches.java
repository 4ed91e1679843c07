package io.carrick.engine.routing;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.topology.Destination;
import io.carrick.engine.topology.Exchange;
import io.carrick.engine.topology.LoopSink;
import io.carrick.engine.topology.QueueEntry;
import io.carrick.engine.topology.Releases;
import io.carrick.engine.topology.Seen;
import io.carrick.engine.topology.VirtualHost;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The queues that one message goes to, each once, with the attachments of the bindings that
 * matched. Reused from message to message. Confined to one loop.
 */
final class Matches implements LoopSink {

  private static final Object[] NO_ATTACHMENTS = {};

  private final LoopContext context;
  private final Releases releases;
  private final int loopIndex;
  private final int loops;

  /** Of the message: an {@code int} would come round to what old marks say. */
  private long routing;

  private QueueEntry[] queues = new QueueEntry[16];
  private @Nullable Object[][] attachments = new @Nullable Object[16][];
  private int[] attachmentCounts = new int[16];
  private int count;

  /** Of the message, beside its address; empty with nearly all. */
  private List<RoutingKey> furtherKeys = List.of();

  /** Stands before this if the message is followed; null with nearly all. */
  private @Nullable NotedMatches noted;

  /** Of the routing that {@code firstsOf} says. */
  private List<Seen> firsts = List.of();

  private long firstsOf;

  /** Of the routing that {@code repeatedOf} says. */
  private @Nullable Seen repeated;

  private long repeatedOf;

  private Exchange[] exchanges = new Exchange[4];
  private int exchangesFound;

  Matches(LoopContext context, int loops, Releases releases) {
    this.context = context;
    this.releases = releases;
    this.loopIndex = context.index();
    this.loops = loops;
  }

  int count() {
    return count;
  }

  QueueEntry queue(int i) {
    return queues[i];
  }

  @Nullable Object[] attachments(int i) {
    @Nullable Object[] found = attachments[i];
    return found == null ? NO_ATTACHMENTS : found;
  }

  int attachmentCount(int i) {
    return attachmentCounts[i];
  }

  /**
   * Routes through an exchange and everything behind it.
   *
   * @param number which no other routing of this loop has
   */
  void route(VirtualHost host, Exchange first, Message message, long number) {
    LoopSink sink = begin(message, number);
    visit(first);
    goOn(host, message, sink);
  }

  /**
   * Routes through one binding and everything behind it.
   *
   * @param number which no other routing of this loop has
   */
  void route(VirtualHost host, Binding bound, Message message, long number) {
    LoopSink sink = begin(message, number);
    sink.matched(bound);
    goOn(host, message, sink);
  }

  /** Returns who takes what is matched: what stands before this if the message is followed. */
  private LoopSink begin(Message message, long number) {
    furtherKeys = message.annotations().furtherKeys();
    routing = number;
    count = 0;
    exchangesFound = 0;
    if (!message.isFollowed()) {
      noted = null;
      return this;
    }
    var before = new NotedMatches(this);
    noted = before;
    return before;
  }

  /** Tells who follows the message where it goes. */
  void tell(VirtualHost host, Message message) {
    if (noted != null) {
      noted.tell(context.follower(), message, host.name());
    }
  }

  private void goOn(VirtualHost host, Message message, LoopSink sink) {
    for (int next = 0; next < exchangesFound; next++) {
      Exchange exchange = exchanges[next];
      int before = count + exchangesFound;
      if (exchange.name().isEmpty()) {
        // AMQP 0-9-1 §3.1.3.1: every queue is bound to the default exchange by its name.
        host.matchQueue(message.routingKey(), this, Matches::named);
      } else {
        exchange.routes.route(message.routingKey(), message, sink);
      }
      if (!furtherKeys.isEmpty()) {
        routeFurther(host, exchange, message, sink);
      }
      if (before == count + exchangesFound
          && !exchange.alternate().isEmpty()
          && !repeatedAt(exchange)) {
        Exchange alternate = host.exchangeOrNull(exchange.alternate());
        if (alternate != null) {
          if (noted != null) {
            noted.alternate(exchange.name(), alternate.name());
          }
          visit(alternate);
        }
      }
    }
  }

  private boolean repeatedAt(Exchange exchange) {
    Seen before = repeated();
    return before != null && before.isOf(exchange);
  }

  /** By the keys that the message has beside its address. */
  private void routeFurther(VirtualHost host, Exchange exchange, Message message, LoopSink sink) {
    for (RoutingKey key : furtherKeys) {
      if (exchange.name().isEmpty()) {
        host.matchQueue(key, this, Matches::named);
      } else {
        exchange.routes.route(key, message, sink);
      }
    }
  }

  @Override
  public LoopContext here() {
    return context;
  }

  @Override
  public Releases releases() {
    return releases;
  }

  @Override
  public long routing() {
    return routing;
  }

  @Override
  public void first(Seen seen) {
    if (firstsOf != routing) {
      firstsOf = routing;
      firsts = new ArrayList<>(1); // not the one before, which those hold on to that are under way
    }
    firsts.add(seen);
  }

  @Override
  public void repeated(Seen before) {
    repeated = before;
    repeatedOf = routing;
  }

  /** Returns what the message is the first of; empty with nearly all. */
  List<Seen> firsts() {
    return firstsOf == routing ? firsts : List.of();
  }

  /** Returns which message it repeats somewhere; null with nearly all. */
  @Nullable Seen repeated() {
    return repeatedOf == routing ? repeated : null;
  }

  @Override
  public void matched(Binding binding) {
    Destination destination = Destination.of(binding);
    if (destination instanceof QueueEntry entry) {
      add(entry, Destination.attachmentOf(binding));
    } else if (destination instanceof Exchange exchange) {
      visit(exchange);
    }
  }

  /** Returns whether a queue is among them. */
  boolean has(QueueEntry entry) {
    int at = entry.marks(loops)[loopIndex];
    return at < count && queues[at] == entry;
  }

  /** Leaves queues out. */
  void removeIf(Predicate<QueueEntry> condition) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      QueueEntry entry = queues[i];
      @Nullable Object[] of = attachments[i];
      int ofThem = attachmentCounts[i];
      if (!condition.test(entry)) {
        queues[kept] = entry;
        attachments[i] = attachments[kept]; // each place keeps its own to reuse
        attachments[kept] = of;
        attachmentCounts[kept++] = ofThem;
      }
    }
    count = kept;
  }

  private void visit(Exchange exchange) {
    if (exchange.visited[loopIndex] == routing) {
      return;
    }
    exchange.visited[loopIndex] = routing;
    if (exchangesFound == exchanges.length) {
      exchanges = Arrays.copyOf(exchanges, exchangesFound * 2);
    }
    exchanges[exchangesFound++] = exchange;
  }

  private void named(QueueEntry entry) {
    add(entry, null);
  }

  private void add(QueueEntry entry, @Nullable Object attachment) {
    int[] marks = entry.marks(loops);
    int at = marks[loopIndex];
    if (at >= count || queues[at] != entry) { // the mark is of another message
      at = count++;
      marks[loopIndex] = at;
      if (at == queues.length) {
        queues = Arrays.copyOf(queues, at * 2);
        attachments = Arrays.copyOf(attachments, at * 2);
        attachmentCounts = Arrays.copyOf(attachmentCounts, at * 2);
      }
      queues[at] = entry;
      attachmentCounts[at] = 0;
    }
    if (entry.isSession()) {
      @Nullable Object[] of = attachments[at];
      if (!furtherKeys.isEmpty() && of != null && noted(of, attachmentCounts[at], attachment)) {
        return;
      }
      int n = attachmentCounts[at]++;
      if (of == null || n == of.length) {
        of = of == null ? new @Nullable Object[2] : Arrays.copyOf(of, n * 2);
        attachments[at] = of;
      }
      of[n] = attachment;
    }
  }

  /** One binding may be matched by several keys. */
  private static boolean noted(@Nullable Object[] of, int count, @Nullable Object attachment) {
    for (int i = 0; i < count; i++) {
      if (of[i] == attachment) {
        return true;
      }
    }
    return false;
  }
}
