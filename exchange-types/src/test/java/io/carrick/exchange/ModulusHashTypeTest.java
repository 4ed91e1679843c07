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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("amqp091:x-modulus-hash")
class ModulusHashTypeTest extends ExchangeTypeContract {

  @Override
  protected ExchangeType type() {
    return new ModulusHashType();
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

  private static final int KEYS = 10_000;

  private static Map<String, String> routeAll(RoutingTable table) {
    Map<String, String> destinations = new HashMap<>();
    for (int i = 0; i < KEYS; i++) {
      String key = "key" + i;
      table.route(
          RoutingKey.ofKey(key),
          Message.of(""),
          binding -> assertThat(destinations.put(key, binding.destination())).isNull());
    }
    assertThat(destinations).hasSize(KEYS);
    return destinations;
  }

  private static long keysOf(String queue, Map<String, String> destinations) {
    return destinations.values().stream().filter(queue::equals).count();
  }

  @Test
  void aKeyGoesToTheSameQueueInWhateverOrderQueuesCameAsAfterARestart() {
    RoutingTable table = type().newTable(Map.of());
    RoutingTable restored = type().newTable(Map.of());
    List.of("a", "b", "c").forEach(queue -> table.add(Binding.of("shards", queue, "")));
    List.of("c", "a", "b").forEach(queue -> restored.add(Binding.of("shards", queue, "")));

    Map<String, String> destinations = routeAll(table);

    assertThat(routeAll(restored)).isEqualTo(destinations);
    for (String queue : List.of("a", "b", "c")) {
      assertThat(keysOf(queue, destinations)).isCloseTo(KEYS / 3, within(KEYS / 50L));
    }
  }

  @Test
  void aQueueThatIsBoundTwiceCountsTwice() {
    RoutingTable table = type().newTable(Map.of());
    table.add(Binding.of("shards", "a", "1"));
    table.add(Binding.of("shards", "a", "2"));
    table.add(Binding.of("shards", "b", "1"));
    assertThat(keysOf("a", routeAll(table))).isCloseTo(KEYS * 2 / 3, within(KEYS / 50L));
  }
}
