package io.carrick.engine.routing;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;
import io.carrick.RoutingKey.Origin;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Values by pattern, for MQTT's filters and AMQP's binding keys in one structure. Written by one
 * thread at a time under its owner's lock, read by any without one: a reader sees a pattern that is
 * being added or removed, or not.
 *
 * <p>A pattern is levels of three kinds, read from the key by its origin: literal, exactly one
 * level ({@code +}, {@code *}), any number of levels ({@code #}, its parent included) (MAP-1,
 * MAP-3). A pattern without wildcards is an entry of a hash table; the others form a trie.
 *
 * <p>A match costs a look-up and a walk of the branches that fit, and allocates nothing. Below a
 * {@code #} the walk tries every level, so a branch below two of them could be reached again and
 * again; since the walk goes from left to right, the first time covers all later ones, and such
 * branches are remembered (MAP-39).
 *
 * @param <V> what is kept, compared by {@code equals}
 */
public final class TopicTrie<V> {

  private final int maxLevels;
  private final int maxInnerMany;
  private final KeyTable<V> exact = new KeyTable<>();
  private final PatternBranch<V> root = new PatternBranch<>(RoutingKey.EMPTY);

  /**
   * The patterns of MQTT that start with a wildcard: they do not see what starts with {@code $}
   * (MAP-7). [MQTT-4.7.2-1]
   */
  private final PatternBranch<V> dollarBlind = new PatternBranch<>(RoutingKey.EMPTY);

  /** A set for the next walk that needs one; whoever takes it puts it back. */
  private final AtomicReference<@Nullable Set<Entry<V>>> spareSet = new AtomicReference<>();

  /** Makes an empty trie which refuses patterns beyond these limits. */
  public TopicTrie(Limits limits) {
    this.maxLevels = limits.count(Limit.TOPIC_LEVELS);
    this.maxInnerMany = limits.count(Limit.INNER_MULTI_WILDCARDS);
  }

  /**
   * Adds a value under a pattern, or puts it in the place of the equal one.
   *
   * @throws PreconditionFailedException when the pattern has too many levels or too many {@code #}
   *     before the end; nothing has changed then
   */
  public void add(RoutingKey pattern, V value) {
    checkLimits(pattern);
    if (!pattern.hasWildcard()) {
      exact.add(pattern, value);
      return;
    }
    PatternBranch<V> branch = rootOf(pattern);
    for (int depth = 0; depth < pattern.levels(); depth++) {
      Entry<V> child = branch.child(depth, pattern);
      if (child == null) {
        branch.addChild(depth, grow(pattern, depth + 1, value));
        return;
      }
      if (child instanceof PatternBranch<V> below) {
        branch = below;
      } else if (sameRest(child.key, pattern, depth + 1)) {
        child.add(value);
        return;
      } else {
        PatternBranch<V> split = split(child, depth + 1);
        branch.replaceChild(depth, child, split);
        branch = split;
      }
    }
    branch.add(value);
  }

  /** Removes the equal value of a pattern, if there is one. */
  public void remove(RoutingKey pattern, V value) {
    if (pattern.hasWildcard()) {
      remove(rootOf(pattern), 0, pattern, value);
    } else {
      exact.remove(pattern, value);
    }
  }

  /**
   * Names the values of every pattern that matches a key, each once.
   *
   * @param key not a pattern: wildcards in it are ordinary text
   * @param sink handed through to {@code report}
   * @param report takes each value; a lambda that captures nothing keeps the match free of garbage
   */
  public <S> void match(RoutingKey key, S sink, BiConsumer<? super S, ? super V> report) {
    exact.match(key, sink, report);
    if (!root.isEmpty()) {
      walk(root, 0, key, 0, null, sink, report);
    }
    if (!dollarBlind.isEmpty() && !key.dollar()) {
      walk(dollarBlind, 0, key, 0, null, sink, report);
    }
  }

  /** Returns whether no pattern is left, not even a branch that one has used; for the writer. */
  boolean isEmpty() {
    return exact.size() == 0 && root.isEmpty() && dollarBlind.isEmpty();
  }

  // ---- writing

  private void checkLimits(RoutingKey pattern) {
    int levels = pattern.levels();
    if (levels > maxLevels) {
      throw new PreconditionFailedException(
          "the pattern has " + levels + " levels, at most " + maxLevels + " are allowed");
    }
    int inner = 0;
    for (int i = 0; i < levels - 1; i++) {
      if (pattern.isMany(i)) {
        inner++;
      }
    }
    if (inner > maxInnerMany) {
      throw new PreconditionFailedException(
          "the pattern has "
              + inner
              + " '#' before its end, at most "
              + maxInnerMany
              + " are allowed");
    }
  }

  private PatternBranch<V> rootOf(RoutingKey pattern) {
    return pattern.origin() == Origin.TOPIC && (pattern.isOne(0) || pattern.isMany(0))
        ? dollarBlind
        : root;
  }

  /**
   * Makes what stands for a pattern from {@code depth} on: a leaf, or, if the pattern goes on after
   * a {@code #}, a branch for each level, so that no leaf is ever reached twice by one match.
   */
  private static <V> Entry<V> grow(RoutingKey pattern, int depth, V value) {
    Entry<V> entry = new Entry<>(pattern);
    entry.add(value);
    if (goesOnAfterMany(pattern)) {
      for (int at = pattern.levels() - 1; at >= depth; at--) {
        PatternBranch<V> parent = new PatternBranch<>(pattern);
        parent.addChild(at, entry);
        entry = parent;
      }
    }
    return entry;
  }

  private static boolean goesOnAfterMany(RoutingKey pattern) {
    for (int i = 0; i < pattern.levels() - 1; i++) {
      if (pattern.isMany(i)) {
        return true;
      }
    }
    return false;
  }

  /** Makes the branch that takes the place of a leaf which has {@code depth} levels in common. */
  private static <V> PatternBranch<V> split(Entry<V> leaf, int depth) {
    if (leaf.key.levels() == depth) {
      return new PatternBranch<>(leaf.key, leaf.values());
    }
    PatternBranch<V> branch = new PatternBranch<>(leaf.key);
    branch.addChild(depth, leaf);
    return branch;
  }

  private static boolean sameRest(RoutingKey one, RoutingKey other, int from) {
    if (one.levels() != other.levels()) {
      return false;
    }
    for (int i = from; i < one.levels(); i++) {
      boolean oneLevel = one.isOne(i);
      boolean manyLevels = one.isMany(i);
      if (oneLevel != other.isOne(i)
          || manyLevels != other.isMany(i)
          || (!oneLevel && !manyLevels && !one.sameLevel(i, other, i))) {
        return false;
      }
    }
    return true;
  }

  private static <V> void remove(PatternBranch<V> branch, int depth, RoutingKey pattern, V value) {
    if (depth == pattern.levels()) {
      branch.remove(value);
      return;
    }
    Entry<V> child = branch.child(depth, pattern);
    if (child == null) {
      return;
    }
    if (child instanceof PatternBranch<V> below) {
      remove(below, depth + 1, pattern, value);
      if (below.isEmpty()) {
        branch.removeChild(depth, below);
      }
    } else if (sameRest(child.key, pattern, depth + 1)) {
      child.remove(value);
      if (!child.hasValues()) {
        branch.removeChild(depth, child);
      }
    }
  }

  // ---- reading

  /**
   * Matches a key from {@code level} on with what is below a branch.
   *
   * @param depth how many pattern levels lead to the branch; differs from {@code level} below a
   *     {@code #}
   * @param seen the branches below two {@code #} that were reached, null above the first
   */
  private <S> void walk(
      PatternBranch<V> branch,
      int depth,
      RoutingKey key,
      int level,
      @Nullable Set<Entry<V>> seen,
      S sink,
      BiConsumer<? super S, ? super V> report) {
    Entry<V> many = branch.many();
    if (many != null) {
      enterMany(many, depth + 1, key, level, seen, sink, report);
    }
    if (level == key.levels()) {
      branch.report(sink, report);
    } else {
      step(branch, depth, key, level, seen, sink, report);
    }
  }

  /** Matches one level with a literal and a wildcard, and the rest below them. */
  private <S> void step(
      PatternBranch<V> branch,
      int depth,
      RoutingKey key,
      int level,
      @Nullable Set<Entry<V>> seen,
      S sink,
      BiConsumer<? super S, ? super V> report) {
    Entry<V> one = branch.one();
    if (one != null) {
      enter(one, depth + 1, key, level + 1, seen, sink, report);
    }
    Entry<V> literal = branch.literal(depth, key, level);
    if (literal != null) {
      enter(literal, depth + 1, key, level + 1, seen, sink, report);
    }
  }

  private <S> void enter(
      Entry<V> entry,
      int depth,
      RoutingKey key,
      int level,
      @Nullable Set<Entry<V>> seen,
      S sink,
      BiConsumer<? super S, ? super V> report) {
    if (entry instanceof PatternBranch<V> branch) {
      walk(branch, depth, key, level, seen, sink, report);
    } else if (restMatches(entry.key, depth, key, level)) {
      entry.report(sink, report);
    }
  }

  /** Matches the rest of a leaf's pattern, in which {@code #} can only be the last level. */
  private static boolean restMatches(RoutingKey pattern, int depth, RoutingKey key, int level) {
    int at = level;
    for (int i = depth; i < pattern.levels(); i++, at++) {
      if (pattern.isMany(i)) {
        return true;
      }
      if (at == key.levels() || !(pattern.isOne(i) || pattern.sameLevel(i, key, at))) {
        return false;
      }
    }
    return at == key.levels();
  }

  /** Matches what follows a {@code #} with the key's rest from every level on. */
  private <S> void enterMany(
      Entry<V> entry,
      int depth,
      RoutingKey key,
      int from,
      @Nullable Set<Entry<V>> seen,
      S sink,
      BiConsumer<? super S, ? super V> report) {
    if (seen != null && !seen.add(entry)) {
      return;
    }
    entry.report(sink, report);
    if (entry instanceof PatternBranch<V> branch) {
      if (seen != null) {
        walkRests(branch, depth, key, from, seen, sink, report);
      } else {
        Set<Entry<V>> fresh = takeSet();
        try {
          walkRests(branch, depth, key, from, fresh, sink, report);
        } finally {
          fresh.clear();
          spareSet.set(fresh);
        }
      }
    }
  }

  private <S> void walkRests(
      PatternBranch<V> branch,
      int depth,
      RoutingKey key,
      int from,
      Set<Entry<V>> seen,
      S sink,
      BiConsumer<? super S, ? super V> report) {
    Entry<V> many = branch.many();
    if (many != null) {
      enterMany(many, depth + 1, key, from, seen, sink, report);
    }
    for (int level = from; level < key.levels(); level++) {
      step(branch, depth, key, level, seen, sink, report);
    }
  }

  private Set<Entry<V>> takeSet() {
    Set<Entry<V>> spare = spareSet.getAndSet(null);
    return spare != null ? spare : Collections.newSetFromMap(new IdentityHashMap<>());
  }
}
