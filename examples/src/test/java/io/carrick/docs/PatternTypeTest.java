package io.carrick.docs;

// snippet
import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType;
import io.carrick.spi.ExchangeTypeContract;

class PatternTypeTest extends ExchangeTypeContract {

  @Override
  protected ExchangeType type() {
    return new PatternType();
  }

  @Override
  protected RoutingKey matchingKey() {
    return RoutingKey.ofKey("eu-[a-z]+");
  }

  @Override
  protected RoutingKey routingKey() {
    return RoutingKey.ofKey("eu-north");
  }
}
// end
