package io.carrick;

import java.util.List;
import java.util.Optional;

/**
 * Some of what was asked for. Immutable.
 *
 * @param items at most as many as were asked for
 * @param next where the next page begins, for {@link Selection#from}; empty if this is the last
 */
public record Page<T>(List<T> items, Optional<String> next) {

  /** Copies the items. */
  public Page {
    items = List.copyOf(items);
  }
}
