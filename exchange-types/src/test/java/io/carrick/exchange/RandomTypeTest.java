package io.carrick.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType;
import io.carrick.spi.ExchangeType.RoutingTable;
import io.carrick.spi.ExchangeTypeContract;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("amqp091:x-random")
class RandomTypeTest extends ExchangeTypeContract {

  @Override
  protected ExchangeType type() {
    return new RandomType();
  }

  @Override
  protected RoutingKey matchingKey() {
    return RoutingKey.ofKey("one.key");
  }

  @Override
  protected RoutingKey routingKey() {
    return RoutingKey.ofKey("order.42");
  }

  @Override
  protected boolean routesToAll() {
    return false;
  }

  @Test
  void equalKeysAreSpreadOverAllBindingsEvenly() {
    RoutingTable table = type().newTable(Map.of());
    for (int i = 0; i < 4; i++) {
      table.add(Binding.of("any", "queue" + i, "key" + i));
    }
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < 40_000; i++) {
      table.route(
          routingKey(),
          Message.of(""),
          binding -> counts.merge(binding.destination(), 1, Integer::sum));
    }
    assertThat(counts).hasSize(4);
    assertThat(counts.values())
        .allSatisfy(count -> assertThat(count).isCloseTo(10_000, within(600)));
  }
}
