package io.carrick.engine.topology;

import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.spi.LastValueCursor;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * What is left of a virtual host whose clients and queues have gone: taken away one thing at a
 * time. Confined to the loop that deletes it.
 */
final class Remains implements BooleanSupplier {

  private static final RoutingKey EVERY_TOPIC = RoutingKey.ofKey("#");

  private final VirtualHost host;
  private final LoopContext here;
  private final Iterator<Exchange> exchanges;
  private final LastValueCursor lastValues;

  Remains(VirtualHost host, LoopContext here) {
    this.host = host;
    this.here = here;
    this.exchanges = host.exchangesFrom("", true);
    this.lastValues = host.lastValues().match(EVERY_TOPIC);
  }

  /** Takes the next thing away; returns whether there was one. */
  @Override
  public boolean getAsBoolean() {
    if (exchanges.hasNext()) {
      host.endExchange(exchanges.next(), here);
      return true;
    }
    Optional<Message> value = lastValues.next();
    if (value.isPresent()) {
      host.lastValues().clear(value.get().routingKey(), here);
      return true;
    }
    return host.removePolicy(here)
        || host.schedules().cancelOne(here)
        || host.sessionTables.clearOne(here);
  }
}
