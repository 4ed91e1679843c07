package io.carrick.spi;

import io.carrick.Message;
import java.util.Optional;

/**
 * Walks the last values that match a filter, at a cost proportional to matches and to what a
 * wildcard lets through that a later level rules out. Those that are too old, or that whoever asks
 * may not have, are passed over. Confined to the loop that asked for it; sees changes made
 * meanwhile or not.
 */
public interface LastValueCursor {

  /**
   * Returns the next one. Empty means that there is none, or none yet: it looks at so many topics
   * in one call and goes on from there in the next one, which belongs in a later turn.
   */
  Optional<Message> next();

  /** Returns whether there is nothing more to look at. */
  boolean atEnd();
}
