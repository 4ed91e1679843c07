package io.carrick.engine.matching;

import io.carrick.Limits;
import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType;
import io.carrick.spi.ExchangeTypeContract;

class TopicTypeTest extends ExchangeTypeContract {

  @Override
  protected ExchangeType type() {
    return new TopicType(Limits.defaults());
  }

  @Override
  protected RoutingKey matchingKey() {
    return RoutingKey.ofKey("a.*.#");
  }

  @Override
  protected RoutingKey routingKey() {
    return RoutingKey.ofTopic("a/b");
  }
}
