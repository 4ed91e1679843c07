package io.carrick;

import java.util.Set;

/**
 * Which messages of a stream a consumer wants, by what their publishers said in the header {@code
 * x-stream-filter-value}. Immutable.
 *
 * @param values any of these
 * @param matchUnfiltered whether messages without such a header are wanted too
 */
public record StreamFilter(Set<String> values, boolean matchUnfiltered) {

  /** Copies the values. */
  public StreamFilter {
    values = Set.copyOf(values);
  }

  /** Messages with one of some values. */
  public static StreamFilter of(String... values) {
    return new StreamFilter(Set.of(values), false);
  }

  /** Returns a filter that lets messages through as well that have no value. */
  public StreamFilter orUnfiltered() {
    return new StreamFilter(values, true);
  }

  /** Returns whether a message is wanted. */
  public boolean matches(Message message) {
    Object value = message.origin().headers().get(HeaderNames.STREAM_FILTER_VALUE);
    return value instanceof String text ? values.contains(text) : matchUnfiltered;
  }
}
