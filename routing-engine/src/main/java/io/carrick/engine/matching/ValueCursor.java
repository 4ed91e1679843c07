package io.carrick.engine.matching;

import io.carrick.RoutingKey;
import io.carrick.RoutingKey.Origin;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Walks the values of a {@link TopicValues} whose topics match a filter, as far as it is asked to.
 * Confined to the thread that made it.
 *
 * <p>It goes down every branch at most once, with the set of filter levels that may come next
 * there; where only a literal may come next, it looks that child up, so the cost is proportional to
 * the matches unless a level after a wildcard rules most of what the wildcard let through out.
 *
 * @param <V> what is kept of a topic
 */
public final class ValueCursor<V> {

  private final RoutingKey filter;
  private final boolean dollarBlind;
  private final Deque<Step<V>> path = new ArrayDeque<>();

  /** What the root holds (the value of the empty key), if it matches and was not yet returned. */
  private @Nullable V first;

  /** Where the levels of a leaf lead, in turn: nobody asks for it again. */
  private final BitSet even = new BitSet();

  private final BitSet odd = new BitSet();

  private long places;

  ValueCursor(ValueBranch<V> root, RoutingKey filter) {
    this.filter = filter;
    this.dollarBlind = filter.origin() == Origin.TOPIC && (filter.isOne(0) || filter.isMany(0));
    BitSet next = new BitSet();
    expect(next, 0);
    if (next.get(filter.levels())) {
      first = valueAt(root);
    }
    goDown(root, 0, next);
  }

  /** Returns the next value, empty at the end. */
  public Optional<V> next() {
    return next(Long.MAX_VALUE);
  }

  /**
   * Goes on to the next value, but not for long: where a level after a wildcard rules most topics
   * out, there may be many before it.
   *
   * @param mostPlaces how many places to look at
   * @return empty {@linkplain #atEnd at the end}, or if there was none in these places
   */
  public Optional<V> next(long mostPlaces) {
    V found = first;
    first = null;
    long until = mostPlaces > Long.MAX_VALUE - places ? Long.MAX_VALUE : places + mostPlaces;
    while (found == null && !path.isEmpty() && places < until) {
      Step<V> step = path.getLast();
      if (step.done()) {
        path.removeLast();
      } else {
        places++;
        Node<V> child = step.child();
        if (child != null && !(dollarBlind && child.key.dollar())) {
          found = visit(child, step.depth, step.next);
        }
      }
    }
    return Optional.ofNullable(found);
  }

  /** Returns whether there is nothing more to look at. */
  public boolean atEnd() {
    return first == null && path.isEmpty();
  }

  /** Returns how many places it has looked at, with a topic or branch there or not. */
  public long places() {
    return places;
  }

  private @Nullable V visit(Node<V> child, int depth, BitSet next) {
    if (child instanceof ValueBranch<V> branch) {
      BitSet after = consume(next, branch.key, depth, new BitSet());
      goDown(branch, depth + 1, after);
      return after.get(filter.levels()) ? valueAt(branch) : null;
    }
    BitSet after = next;
    int levels = child.key.levels();
    for (int level = depth; level < levels && !after.isEmpty(); level++) {
      if (matchesAllBelow(after)) {
        break;
      }
      after = consume(after, child.key, level, (level & 1) == 0 ? even : odd);
    }
    return after.get(filter.levels()) && child instanceof Entry<V> leaf ? leaf.get() : null;
  }

  private static <V> @Nullable V valueAt(ValueBranch<V> branch) {
    Entry<V> end = branch.end();
    return end == null ? null : end.get();
  }

  /** Goes on with the children of a branch. */
  private void goDown(ValueBranch<V> branch, int depth, BitSet next) {
    int only = next.nextSetBit(0);
    if (only < 0 || only == filter.levels()) {
      return;
    }
    boolean literal = depth < ValueBranch.DEEPEST && next.cardinality() == 1 && !filter.isOne(only);
    // Only a '#' lets filter and topic get out of step, and it keeps a level of its own in the set.
    Object children = literal ? branch.literal(depth, filter) : branch.literals();
    if (children != null) {
      path.addLast(new Step<>(children, depth, next));
    }
  }

  /**
   * Returns which filter levels may come after a topic's level.
   *
   * @param after what is returned, unless it is {@code next} again
   */
  private BitSet consume(BitSet next, RoutingKey topic, int level, BitSet after) {
    if (matchesAllBelow(next)) {
      return next;
    }
    after.clear();
    for (int i = next.nextSetBit(0); i >= 0 && i < filter.levels(); i = next.nextSetBit(i + 1)) {
      if (filter.isMany(i)) {
        expect(after, i);
      } else if (filter.isOne(i) || filter.sameLevel(i, topic, level)) {
        expect(after, i + 1);
      }
    }
    return after;
  }

  private boolean matchesAllBelow(BitSet next) {
    int last = filter.levels() - 1;
    return last >= 0 && next.get(last) && filter.isMany(last);
  }

  /** Adds a filter level, and what may come in its place if it may stand for no level at all. */
  private void expect(BitSet next, int level) {
    int i = level;
    next.set(i);
    while (i < filter.levels() && filter.isMany(i)) {
      i++;
      next.set(i);
    }
  }

  /** How far the walk is in the children of one branch. Confined to its cursor. */
  private static final class Step<V> {

    private final Object children;
    private final int slots;
    private final int depth;
    private final BitSet next;
    private int slot;

    Step(Object children, int depth, BitSet next) {
      this.children = children;
      this.slots = Branch.literalSlots(children);
      this.depth = depth;
      this.next = next;
    }

    boolean done() {
      return slot == slots;
    }

    @Nullable Node<V> child() {
      return Branch.literalAt(children, slot++);
    }
  }
}
