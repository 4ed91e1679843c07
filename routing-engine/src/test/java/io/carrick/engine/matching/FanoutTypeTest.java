package io.carrick.engine.matching;

import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType;
import io.carrick.spi.ExchangeTypeContract;

class FanoutTypeTest extends ExchangeTypeContract {

  @Override
  protected ExchangeType type() {
    return new FanoutType();
  }

  @Override
  protected RoutingKey matchingKey() {
    return RoutingKey.ofKey("x");
  }

  @Override
  protected RoutingKey routingKey() {
    return RoutingKey.ofTopic("a/b");
  }
}
