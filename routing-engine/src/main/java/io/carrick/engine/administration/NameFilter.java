package io.carrick.engine.administration;

import io.carrick.PreconditionFailedException;
import io.carrick.Selection;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Chooses by names. It runs in a loop, so what a pattern costs is counted, and bounded for each
 * name: a regular expression can take for ever. Confined to that loop.
 */
final class NameFilter {

  /** How many characters a pattern may look at for one name. */
  private static final int MOST_LOOKS = 16_384;

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
    return name.startsWith(prefix)
        && (pattern.isEmpty() || pattern.get().matcher(new Watched(name, 0, name.length())).find());
  }

  /** Returns how much work the last answer was. */
  int work() {
    return 1 + looks / LOOKS_PER_WORK;
  }

  /** A name that counts how often it is looked at. */
  private final class Watched implements CharSequence {

    private final String name;
    private final int start;
    private final int end;

    Watched(String name, int start, int end) {
      this.name = name;
      this.start = start;
      this.end = end;
    }

    @Override
    public int length() {
      return end - start;
    }

    @Override
    public char charAt(int index) {
      if (++looks > MOST_LOOKS) {
        throw new PreconditionFailedException("the pattern takes too long");
      }
      return name.charAt(start + index);
    }

    @Override
    public CharSequence subSequence(int from, int to) {
      return new Watched(name, start + from, start + to);
    }

    @Override
    public String toString() {
      return name.substring(start, end);
    }
  }
}
