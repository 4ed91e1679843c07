package io.carrick.engine.matching;

import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType;
import io.carrick.spi.ExchangeTypeContract;

class DirectTypeTest extends ExchangeTypeContract {

  @Override
  protected ExchangeType type() {
    return new DirectType();
  }

  @Override
  protected RoutingKey matchingKey() {
    return RoutingKey.ofKey("a.b");
  }

  @Override
  protected RoutingKey routingKey() {
    return RoutingKey.ofTopic("a/b");
  }
}
