package io.carrick.engine.topology;

import io.carrick.Message;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.matching.ValueCursor;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * What is left of a virtual host whose clients and queues have gone: taken away one thing at a
 * time. Confined to the loop that deletes it.
 */
final class Remains implements BooleanSupplier {

  /** How many places of topics one call looks at. */
  private static final int MOST_PLACES = 64;

  private final VirtualHost host;
  private final LoopContext here;
  private final Iterator<Exchange> exchanges;
  private final ValueCursor<Message> lastValues;

  Remains(VirtualHost host, LoopContext here) {
    this.host = host;
    this.here = here;
    this.exchanges = host.exchangesFrom("", true);
    this.lastValues = host.lastValues().all();
  }

  /** Takes the next thing away; returns whether there was one. */
  @Override
  public boolean getAsBoolean() {
    if (exchanges.hasNext()) {
      host.endExchange(exchanges.next(), here);
      return true;
    }
    Optional<Message> value = lastValues.next(MOST_PLACES);
    value.ifPresent(message -> host.lastValues().clear(message.routingKey(), here));
    if (!lastValues.atEnd()) {
      return true;
    }
    return host.removePolicy(here)
        || host.schedules().cancelOne(here)
        || host.sessionTables.clearOne(here);
  }
}
