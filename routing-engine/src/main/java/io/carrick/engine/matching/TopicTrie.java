package io.carrick.engine.matching;

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

  /** A match goes down by recursion, so no limit allows more levels of a pattern. */
  private static final int DEEPEST = 512;

  private final int maxLevels;
  private final int maxInnerMany;
  private final boolean hidesDollar;
  private final KeyTable<V> exact = new KeyTable<>();
  private final PatternBranch<V> root = new PatternBranch<>(RoutingKey.EMPTY, 0);

  /**
   * The patterns of MQTT that start with a wildcard, and those of AMQP if it is so chosen: they do
   * not see what starts with {@code $} (MAP-7). [MQTT-4.7.2-1]
   */
  private final PatternBranch<V> dollarBlind = new PatternBranch<>(RoutingKey.EMPTY, 0);

  /** A set for the next walk that needs one; whoever takes it puts it back. */
  private final AtomicReference<@Nullable Set<Node<V>>> spareSet = new AtomicReference<>();

  /** Makes an empty trie which refuses patterns beyond these limits. */
  public TopicTrie(Limits limits) {
    this(limits, false);
  }

  /**
   * Makes an empty trie which refuses patterns beyond these limits.
   *
   * @param hidesDollar whether what starts with {@code $} is hidden from wildcards of AMQP, too
   */
  public TopicTrie(Limits limits, boolean hidesDollar) {
    this.hidesDollar = hidesDollar;
    this.maxLevels = Math.min(limits.count(Limit.TOPIC_LEVELS), DEEPEST);
    this.maxInnerMany = limits.count(Limit.INNER_MULTI_WILDCARDS);
  }

  /**
   * Adds a value under a pattern, or puts it in the place of the equal one.
   *
   * @param pattern kept as it is: {@linkplain RoutingKey#compact() compact} ones take the least
   * @throws PreconditionFailedException when the pattern has too many levels or too many {@code #}
   *     before the end; nothing has changed then
   */
  public void add(RoutingKey pattern, V value) {
    checkLevels(pattern.levels());
    if (!pattern.hasWildcard()) {
      exact.add(pattern, value);
      return;
    }
    RoutingKey levels = pattern.located();
    checkInnerMany(levels);
    PatternBranch<V> branch = rootOf(levels);
    @Nullable RoutingKey compared = null;
    for (int depth = 0; depth < levels.levels(); depth++) {
      Node<V> child = branch.child(depth, levels);
      if (child == null) {
        branch.addChild(depth, grow(pattern, levels, depth + 1, value));
        return;
      }
      if (child instanceof PatternBranch<V> below) {
        branch = below;
      } else if (child instanceof Entry<V> leaf) {
        if (leaf.key != compared) { // else it is a leaf that goes down level by level with this one
          compared = leaf.key;
          if (sameRest(compared.located(), levels, depth + 1)) {
            leaf.add(value);
            return;
          }
        }
        PatternBranch<V> split = split(leaf, levels, depth + 1);
        branch.replaceChild(leaf, split);
        branch = split;
      }
    }
    addEnd(branch, pattern, value);
  }

  private static <V> void addEnd(PatternBranch<V> branch, RoutingKey pattern, V value) {
    Entry<V> end = branch.end();
    if (end == null) {
      end = new Entry<>(pattern, pattern.levels());
      end.add(value);
      branch.setEnd(end);
    } else {
      end.add(value);
    }
  }

  /** Removes the equal value of a pattern, if there is one. */
  public void remove(RoutingKey pattern, V value) {
    if (pattern.hasWildcard()) {
      RoutingKey levels = pattern.located();
      remove(rootOf(levels), 0, levels, value);
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
      walk(root, key, 0, null, sink, report);
    }
    if (!dollarBlind.isEmpty() && !key.dollar()) {
      walk(dollarBlind, key, 0, null, sink, report);
    }
  }

  /** Returns whether no pattern is left, not even a branch that one has used; for the writer. */
  boolean isEmpty() {
    return exact.size() == 0 && root.isEmpty() && dollarBlind.isEmpty();
  }

  // ---- writing

  private void checkLevels(int levels) {
    if (levels > maxLevels) {
      throw new PreconditionFailedException(
          "the pattern has " + levels + " levels, at most " + maxLevels + " are allowed");
    }
  }

  private void checkInnerMany(RoutingKey pattern) {
    int inner = 0;
    for (int i = 0; i < pattern.levels() - 1; i++) {
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
    boolean rule = pattern.origin() == Origin.TOPIC || hidesDollar;
    return rule && (pattern.isOne(0) || pattern.isMany(0)) ? dollarBlind : root;
  }

  /**
   * Makes what stands for a pattern from {@code depth} on: a leaf, or, if the pattern goes on after
   * a {@code #}, a branch for each level, so that no leaf is ever reached twice by one match.
   */
  private static <V> Node<V> grow(RoutingKey pattern, RoutingKey levels, int depth, V value) {
    boolean byLevels = goesOnAfterMany(levels);
    Entry<V> leaf = new Entry<>(pattern, byLevels ? pattern.levels() : depth);
    leaf.add(value);
    Node<V> node = leaf;
    for (int at = pattern.levels() - 1; byLevels && at >= depth; at--) {
      PatternBranch<V> parent = new PatternBranch<>(levels, at);
      parent.addChild(at, node);
      node = parent;
    }
    return node;
  }

  private static boolean goesOnAfterMany(RoutingKey pattern) {
    for (int i = 0; i < pattern.levels() - 1; i++) {
      if (pattern.isMany(i)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Makes the branch that takes the place of a leaf at {@code depth}, the leaf below it.
   *
   * @param levels a pattern with the same levels up to there, which branches can share
   */
  private static <V> PatternBranch<V> split(Entry<V> leaf, RoutingKey levels, int depth) {
    PatternBranch<V> branch = new PatternBranch<>(levels, depth);
    if (leaf.key.levels() == depth) {
      branch.setEnd(leaf);
    } else {
      branch.addChild(depth, new Entry<>(leaf, depth + 1));
    }
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
      Entry<V> end = branch.end();
      if (end != null) {
        end.remove(value);
        if (!end.hasValues()) {
          branch.setEnd(null);
        }
      }
      return;
    }
    Node<V> child = branch.child(depth, pattern);
    if (child instanceof PatternBranch<V> below) {
      remove(below, depth + 1, pattern, value);
      if (below.isEmpty()) {
        branch.removeChild(below);
      }
    } else if (child instanceof Entry<V> leaf && sameRest(leaf.key.located(), pattern, depth + 1)) {
      leaf.remove(value);
      if (!leaf.hasValues()) {
        branch.removeChild(leaf);
      }
    }
  }

  // ---- reading: down by hashes, the whole pattern is compared where values are found

  /**
   * Matches a key from {@code level} on with what is below a branch.
   *
   * @param seen what was reached below two {@code #}, null above the first
   */
  private <S> void walk(
      PatternBranch<V> branch,
      RoutingKey key,
      int level,
      @Nullable Set<Node<V>> seen,
      S sink,
      BiConsumer<? super S, ? super V> report) {
    Node<V> many = branch.many();
    if (many != null) {
      enterMany(many, key, level, seen, sink, report);
    }
    if (level == key.levels()) {
      Entry<V> end = branch.end();
      if (end != null) {
        reportIfMatched(end, key, sink, report);
      }
    } else {
      step(branch, key, level, seen, sink, report);
    }
  }

  /** Matches one level with a literal and a wildcard, and the rest below them. */
  private <S> void step(
      PatternBranch<V> branch,
      RoutingKey key,
      int level,
      @Nullable Set<Node<V>> seen,
      S sink,
      BiConsumer<? super S, ? super V> report) {
    Node<V> one = branch.one();
    if (one != null) {
      enter(one, key, level + 1, seen, sink, report);
    }
    Object literals = branch.literals();
    if (literals != null) {
      int hash = key.levelHash(level);
      for (int at = Branch.slotOf(literals, hash);
          at >= 0;
          at = Branch.slotAfter(literals, hash, at)) {
        Node<V> literal = Branch.literalAt(literals, at);
        if (literal != null) {
          enter(literal, key, level + 1, seen, sink, report);
        }
      }
    }
  }

  private <S> void enter(
      Node<V> node,
      RoutingKey key,
      int level,
      @Nullable Set<Node<V>> seen,
      S sink,
      BiConsumer<? super S, ? super V> report) {
    if (node instanceof PatternBranch<V> branch) {
      walk(branch, key, level, seen, sink, report);
    } else if (node instanceof Entry<V> leaf && (seen == null || level == key.levels())) {
      // Below a '#' a leaf is the last level of its pattern, so only the key's last level counts.
      reportIfMatched(leaf, key, sink, report);
    }
  }

  private static <S, V> void reportIfMatched(
      Entry<V> entry, RoutingKey key, S sink, BiConsumer<? super S, ? super V> report) {
    if (entry.key.matches(key)) {
      entry.report(sink, report);
    }
  }

  /** Matches what follows a {@code #} with the key's rest from every level on. */
  private <S> void enterMany(
      Node<V> node,
      RoutingKey key,
      int from,
      @Nullable Set<Node<V>> seen,
      S sink,
      BiConsumer<? super S, ? super V> report) {
    if (seen != null && !seen.add(node)) {
      return;
    }
    if (node instanceof Entry<V> leaf) {
      reportIfMatched(leaf, key, sink, report);
    } else if (node instanceof PatternBranch<V> branch) {
      Entry<V> end = branch.end();
      // The branch may have taken its end's place since the end was reached below another '#'.
      if (end != null && (seen == null || seen.add(end))) {
        reportIfMatched(end, key, sink, report);
      }
      if (seen != null) {
        walkRests(branch, key, from, seen, sink, report);
      } else {
        Set<Node<V>> fresh = takeSet();
        try {
          walkRests(branch, key, from, fresh, sink, report);
        } finally {
          fresh.clear();
          spareSet.set(fresh);
        }
      }
    }
  }

  private <S> void walkRests(
      PatternBranch<V> branch,
      RoutingKey key,
      int from,
      Set<Node<V>> seen,
      S sink,
      BiConsumer<? super S, ? super V> report) {
    Node<V> many = branch.many();
    if (many != null) {
      enterMany(many, key, from, seen, sink, report);
    }
    for (int level = from; level < key.levels(); level++) {
      step(branch, key, level, seen, sink, report);
    }
  }

  private Set<Node<V>> takeSet() {
    Set<Node<V>> spare = spareSet.getAndSet(null);
    return spare != null ? spare : Collections.newSetFromMap(new IdentityHashMap<>());
  }
}
