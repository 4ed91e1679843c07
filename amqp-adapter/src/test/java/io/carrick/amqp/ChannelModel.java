package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.spi.Settlement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What one channel does with some queues, in as few words as possible: what is ready is in order of
 * its first arrival, a consumer gets what it has room for, and a transaction waits for its commit.
 * Confined to the test's thread.
 */
final class ChannelModel {

  /** A message and where it is in the order of its queue. Confined as its model is. */
  static final class Item implements Comparable<Item> {

    final Line line;
    final String text;
    private final int position;
    boolean redelivered;

    private Item(Line line, String text, int position) {
      this.line = line;
      this.text = text;
      this.position = position;
    }

    @Override
    public int compareTo(Item other) {
      return Integer.compare(position, other.position);
    }
  }

  /** A queue, and the channel's consumer of it, if it has one. Confined as its model is. */
  static final class Line {

    private final TreeSet<Item> ready = new TreeSet<>();

    /** What the consumer is to get, the next first. */
    private final Deque<Item> coming = new ArrayDeque<>();

    private int arrivals;
    boolean consumed;
    private boolean noAck;
    private int prefetch;

    /** What the consumer has not settled: a new one has nothing. */
    private int unsettled;

    private int generation;

    int ready() {
      return ready.size();
    }

    private void add(String text) {
      ready.add(new Item(this, text, arrivals++));
      deliver();
    }

    private void comesBack(Item item) {
      item.redelivered = true;
      ready.add(item);
      deliver();
    }

    private void deliver() {
      while (consumed && !ready.isEmpty() && (noAck || prefetch == 0 || unsettled < prefetch)) {
        unsettled += noAck ? 0 : 1;
        coming.add(ready.pollFirst());
      }
    }
  }

  /** An unacknowledged delivery; generation -1 stands for basic.get. Immutable. */
  private record Held(Item item, int generation) {}

  /** An acknowledgement that waits for the commit. Immutable. */
  private record Waiting(long tag, Held held, Settlement how) {}

  /** A publish that waits for the commit. Immutable. */
  private record Embargoed(Line line, String text) {}

  final List<Line> lines = List.of(new Line(), new Line());
  private TreeMap<Long, Held> held = new TreeMap<>();
  private final List<Embargoed> publishes = new ArrayList<>();
  private final List<Waiting> acknowledged = new ArrayList<>();
  private long lastTag;
  boolean transactional;
  int prefetch;

  /** Returns the tags that may be acknowledged. */
  List<Long> tags() {
    return List.copyOf(held.keySet());
  }

  // ---- what the client does

  void publish(Line line, String text) {
    if (transactional) {
      publishes.add(new Embargoed(line, text));
    } else {
      line.add(text);
    }
  }

  void consume(Line line, boolean noAck) {
    line.consumed = true;
    line.noAck = noAck;
    line.prefetch = prefetch;
    line.unsettled = 0;
    line.generation++;
    line.deliver();
  }

  void cancel(Line line) {
    line.consumed = false;
  }

  int purge(Line line) {
    int count = line.ready();
    line.ready.clear();
    return count;
  }

  void settle(long tag, boolean multiple, Settlement how) {
    List<Long> tags = multiple ? List.copyOf(held.headMap(tag, true).keySet()) : List.of(tag);
    for (long each : tags) {
      Held taken = held.remove(each);
      if (transactional) {
        acknowledged.add(new Waiting(each, taken, how));
      } else {
        settle(taken, how);
      }
    }
  }

  private static void settle(Held taken, Settlement how) {
    Line line = taken.item.line;
    if (taken.generation == line.generation) {
      line.unsettled--;
    }
    if (how == Settlement.REQUEUE) {
      line.comesBack(taken.item);
    } else {
      line.deliver();
    }
  }

  void recover() {
    TreeMap<Long, Held> all = held;
    held = new TreeMap<>();
    all.values().forEach(each -> settle(each, Settlement.REQUEUE));
  }

  void commit() {
    List<Embargoed> out = List.copyOf(publishes);
    List<Waiting> done = List.copyOf(acknowledged);
    publishes.clear();
    acknowledged.clear();
    out.forEach(each -> each.line.add(each.text));
    done.forEach(each -> settle(each.held, each.how));
  }

  void rollback() {
    publishes.clear();
    acknowledged.forEach(each -> held.put(each.tag, each.held));
    acknowledged.clear();
  }

  /** The channel ends, and the next one of the same number begins. */
  void close() {
    rollback();
    lines.forEach(line -> line.consumed = false);
    recover();
    lastTag = 0;
    transactional = false;
    prefetch = 0;
  }

  // ---- what the client sees

  /** A delivery has come to the consumer of a queue. */
  void delivered(Line line, long tag, String text, boolean redelivered) {
    Item item = line.coming.poll();
    assertThat(item).as("expected instead of %s", text).isNotNull();
    seen(item, tag, text, redelivered);
    if (!line.noAck) {
      held.put(tag, new Held(item, line.generation));
    }
  }

  /** Takes what basic.get is to find; null for nothing. */
  @Nullable Item next(Line line) {
    return line.ready.pollFirst();
  }

  /** It has found that. */
  void got(Item item, long tag, String text, boolean redelivered, boolean noAck) {
    seen(item, tag, text, redelivered);
    if (!noAck) {
      held.put(tag, new Held(item, -1));
    }
  }

  private void seen(Item item, long tag, String text, boolean redelivered) {
    assertThat(tag).isEqualTo(++lastTag);
    assertThat(text).isEqualTo(item.text);
    assertThat(redelivered).as("%s comes again", text).isEqualTo(item.redelivered);
  }

  /** Nothing more is to come. */
  void settled() {
    for (Line line : lines) {
      assertThat(line.coming.stream().map(i -> i.text)).as("did not come").isEmpty();
    }
  }
}
