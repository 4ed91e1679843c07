package io.carrick.engine.topology;

import io.carrick.Message;
import io.carrick.engine.matching.ValueCursor;
import io.carrick.spi.LastValueCursor;
import io.carrick.spi.Loop;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The one way by which last values are offered: what matches a filter, is not too old and is for
 * whoever asks. Confined to the loop that asks.
 */
final class LastValueSearch implements LastValueCursor {

  /** How many places one call looks at. */
  private static final int MOST_PLACES = 1_024;

  /** How many places cost about as much as a message. */
  private static final int PLACES_FOR_A_MESSAGE = 16;

  private final ValueCursor<Message> values;
  private final Loop loop;
  private final Predicate<Message> wanted;

  LastValueSearch(ValueCursor<Message> values, Loop loop, Predicate<Message> wanted) {
    this.values = values;
    this.loop = loop;
    this.wanted = wanted;
  }

  @Override
  public Optional<Message> next() {
    long from = values.places();
    long until = from + MOST_PLACES;
    Optional<Message> found = values.next(MOST_PLACES);
    while (found.isPresent() && !offers(found.get())) {
      found = values.next(until - values.places());
    }
    loop.worked((int) (values.places() - from) / PLACES_FOR_A_MESSAGE);
    return found;
  }

  private boolean offers(Message message) {
    return LastValues.endOf(message) > loop.wallTimeMs() && wanted.test(message);
  }

  @Override
  public boolean atEnd() {
    return values.atEnd();
  }
}
