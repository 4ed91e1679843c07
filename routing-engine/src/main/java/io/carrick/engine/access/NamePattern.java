package io.carrick.engine.access;

import io.carrick.engine.matching.WatchedText;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * A permission's regular expression. It finds something in the names that it allows; an empty one
 * allows nothing. Answers about names are remembered, since publishers ask about the same few again
 * and again. Thread-safe.
 */
final class NamePattern {

  /** Then all are forgotten, and asked for again. */
  private static final int REMEMBERED = 64;

  /** Longer names are not remembered: so they are a bounded number of bytes. */
  private static final int LONGEST_REMEMBERED = 255;

  private static final Set<String> EVERYTHING = Set.of(".*", "^.*", ".*$", "^.*$");

  private final String expression;
  private final Pattern pattern;
  private final ConcurrentHashMap<String, Boolean> known = new ConcurrentHashMap<>(4);

  /** Compiles an expression that was found to be one. */
  NamePattern(String expression) {
    this.expression = expression;
    this.pattern = Pattern.compile(expression);
  }

  boolean allowsEverything() {
    return EVERYTHING.contains(expression);
  }

  /** Returns whether a name is allowed; one about which it cannot decide in time is not. */
  boolean allows(String name) {
    if (allowsEverything()) {
      return true;
    } else if (name.length() > LONGEST_REMEMBERED) {
      return finds(name);
    }
    Boolean before = known.get(name);
    if (before != null) {
      return before;
    }
    boolean now = finds(name);
    if (known.size() >= REMEMBERED) {
      known.clear();
    }
    known.put(name, now);
    return now;
  }

  private boolean finds(String name) {
    return !expression.isEmpty() && finds(pattern, name);
  }

  static boolean finds(Pattern pattern, String name) {
    try {
      return new WatchedText(name).finds(pattern);
    } catch (WatchedText.TooLong undecided) {
      return false;
    }
  }
}
