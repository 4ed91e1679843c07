package io.carrick;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which things an administrator wants to see, and how many at a time. Immutable.
 *
 * @param virtualHost those of one virtual host only; empty for all
 * @param prefix how their names begin; empty for any
 * @param pattern what their names match somewhere; empty for any
 * @param limit how many at a time, at most {@link Limit#PAGE_ITEMS}
 * @param start where to begin, {@link Page#next()} of the page before; empty for the first
 */
public record Selection(
    Optional<String> virtualHost,
    String prefix,
    Optional<Pattern> pattern,
    int limit,
    Optional<String> start) {

  private static final int DEFAULT_LIMIT = 100;

  private static final Selection EVERYTHING =
      new Selection(Optional.empty(), "", Optional.empty(), DEFAULT_LIMIT, Optional.empty());

  /** Checks the limit. */
  public Selection {
    if (limit < 1) {
      throw new IllegalArgumentException("a page of " + limit + " items");
    }
  }

  /** Returns everything, a hundred at a time. */
  public static Selection everything() {
    return EVERYTHING;
  }

  /** Returns the same in one virtual host. */
  public Selection in(String host) {
    return new Selection(Optional.of(host), prefix, pattern, limit, start);
  }

  /** Returns the same of those whose names begin so. */
  public Selection startingWith(String begin) {
    return new Selection(virtualHost, begin, pattern, limit, start);
  }

  /** Returns the same of those in whose names a regular expression finds something. */
  public Selection matching(Pattern regex) {
    return new Selection(virtualHost, prefix, Optional.of(regex), limit, start);
  }

  /** Returns the same, that many at a time. */
  public Selection limit(int items) {
    return new Selection(virtualHost, prefix, pattern, items, start);
  }

  /**
   * Returns what comes next.
   *
   * @param next {@link Page#next()}
   */
  public Selection from(String next) {
    return new Selection(virtualHost, prefix, pattern, limit, Optional.of(next));
  }
}
