package io.carrick.exchange;

import io.carrick.spi.ExchangeType;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** {@code x-random}: each message goes to one of the bindings, all equally likely. Stateless. */
final class RandomType implements ExchangeType {

  /** Any of them. */
  static final OneOfMany.Choice ANY = (count, key) -> ThreadLocalRandom.current().nextInt(count);

  @Override
  public String name() {
    return "x-random";
  }

  @Override
  public RoutingTable newTable(Map<String, Object> arguments) {
    return new OneOfMany(ANY);
  }
}
