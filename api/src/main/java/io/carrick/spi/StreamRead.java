package io.carrick.spi;

import io.carrick.StreamFilter;
import io.carrick.StreamOffset;
import org.jspecify.annotations.Nullable;

/**
 * How a consumer reads a stream. Immutable.
 *
 * @param from where it begins
 * @param filter what it wants; null for all
 */
public record StreamRead(StreamOffset from, @Nullable StreamFilter filter) {

  /** What is read unless it is said: all that comes from now on. */
  public static final StreamRead NEXT = new StreamRead(StreamOffset.next(), null);
}
