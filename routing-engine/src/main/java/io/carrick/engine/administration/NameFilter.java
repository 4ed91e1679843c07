package io.carrick.engine.administration;

import io.carrick.PreconditionFailedException;
import io.carrick.Selection;
import io.carrick.engine.matching.WatchedText;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Chooses by names. It runs in a loop, so what a pattern costs is counted, and bounded for each
 * name: a regular expression can take for ever. Confined to that loop.
 */
final class NameFilter {

  /** How many of them cost as much as a message. */
  private static final int LOOKS_PER_WORK = 64;

  private final String prefix;
  private final Optional<Pattern> pattern;
  private int looks;

  NameFilter(Selection which) {
    this.prefix = which.prefix();
    this.pattern = which.pattern();
  }

  /**
   * Returns whether a name is chosen.
   *
   * @throws PreconditionFailedException if the pattern takes too long
   */
  boolean accepts(String name) {
    looks = 0;
    if (!name.startsWith(prefix)) {
      return false;
    } else if (pattern.isEmpty()) {
      return true;
    }
    var watched = new WatchedText(name);
    try {
      return watched.finds(pattern.get());
    } catch (WatchedText.TooLong e) {
      throw new PreconditionFailedException("the pattern takes too long");
    } finally {
      looks = watched.looks();
    }
  }

  /** Returns how much work the last answer was. */
  int work() {
    return 1 + looks / LOOKS_PER_WORK;
  }
}
