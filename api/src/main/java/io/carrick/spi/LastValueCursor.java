package io.carrick.spi;

import io.carrick.Message;
import java.util.Optional;

/**
 * Walks the last values that match a filter, at a cost proportional to matches. Confined to the
 * loop that asked for it; sees changes made meanwhile or not.
 */
@FunctionalInterface
public interface LastValueCursor {

  /** Returns the next one, empty at the end. */
  Optional<Message> next();
}
