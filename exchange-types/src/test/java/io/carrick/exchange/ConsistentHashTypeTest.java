package io.carrick.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.carrick.Binding;
import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType;
import io.carrick.spi.ExchangeType.RoutingTable;
import io.carrick.spi.ExchangeTypeContract;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("amqp091:x-consistent-hash")
class ConsistentHashTypeTest extends ExchangeTypeContract {

  private static final int KEYS = 10_000;

  private final RoutingTable table = type().newTable(Map.of());

  @Override
  protected ExchangeType type() {
    return new ConsistentHashType();
  }

  @Override
  protected RoutingKey matchingKey() {
    return RoutingKey.ofKey("10");
  }

  @Override
  protected RoutingKey routingKey() {
    return RoutingKey.ofKey("order.42");
  }

  @Override
  protected boolean routesToAll() {
    return false;
  }

  private static Binding weighted(String queue, String weight) {
    return Binding.of("hashed", queue, weight);
  }

  private static String route(RoutingTable table, String key, MessageProperties properties) {
    RoutingKey routingKey = RoutingKey.ofKey(key);
    Message message =
        Message.published("hashed", routingKey, properties, new byte[0], Identity.ANONYMOUS, 0);
    StringBuilder destination = new StringBuilder();
    table.route(routingKey, message, binding -> destination.append(binding.destination()));
    return destination.toString();
  }

  private Map<String, String> routeAll() {
    Map<String, String> destinations = new HashMap<>();
    for (int i = 0; i < KEYS; i++) {
      destinations.put("key" + i, route(table, "key" + i, MessageProperties.NONE));
    }
    return destinations;
  }

  private static long keysOf(String queue, Map<String, String> destinations) {
    return destinations.values().stream().filter(queue::equals).count();
  }

  @Test
  void keysSpreadByWeight() {
    table.add(weighted("one", "1"));
    table.add(weighted("two", "2"));
    table.add(weighted("seven", "7"));

    Map<String, String> destinations = routeAll();

    assertThat(keysOf("one", destinations)).isCloseTo(KEYS / 10, within(KEYS / 50L));
    assertThat(keysOf("two", destinations)).isCloseTo(KEYS / 5, within(KEYS / 50L));
    assertThat(keysOf("seven", destinations)).isCloseTo(KEYS * 7L / 10, within(KEYS / 50L));
  }

  @Test
  void aQueueThatComesTakesItsShareAndNoOtherKeyMoves() {
    table.add(weighted("a", "1"));
    table.add(weighted("b", "1"));
    table.add(weighted("c", "1"));
    Map<String, String> before = routeAll();

    table.add(weighted("d", "1"));
    Map<String, String> after = routeAll();

    long moved = after.keySet().stream().filter(k -> !after.get(k).equals(before.get(k))).count();
    assertThat(moved).isCloseTo(KEYS / 4, within(KEYS / 50L)).isEqualTo(keysOf("d", after));
    table.remove(weighted("d", "1"));
    assertThat(routeAll()).as("its keys return when it goes").isEqualTo(before);
  }

  @Test
  void theOrderInWhichQueuesComeDoesNotMatter() {
    List.of("a", "b", "c").forEach(queue -> table.add(weighted(queue, "3")));
    RoutingTable another = type().newTable(Map.of());
    List.of("c", "a", "b").forEach(queue -> another.add(weighted(queue, "3")));

    routeAll()
        .forEach(
            (key, destination) ->
                assertThat(route(another, key, MessageProperties.NONE)).isEqualTo(destination));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "-1", "1.5", "heavy", "2147483648"})
  void aBindingKeyThatIsNoWeightIsRefused(String key) {
    table.add(weighted("a", "1"));
    assertThatThrownBy(() -> table.add(weighted("b", key)))
        .isInstanceOf(PreconditionFailedException.class)
        .hasMessageMatching(
            "The binding key must be (an integer: <<\""
                + Pattern.quote(key)
                + "\">>|greater than 0)");
    assertThat(Set.copyOf(routeAll().values())).containsExactly("a");
  }

  @Test
  void aHeaderMayDecideInPlaceOfTheKey() {
    RoutingTable byHeader = type().newTable(Map.of("hash-header", "customer"));
    List.of("a", "b", "c").forEach(queue -> byHeader.add(weighted(queue, "1")));
    Set<String> reached = new HashSet<>();
    for (int customer = 0; customer < 50; customer++) {
      MessageProperties properties = header("customer", customer);
      String queue = route(byHeader, "order.1", properties);
      assertThat(route(byHeader, "order.2", properties)).isEqualTo(queue);
      reached.add(queue);
    }
    assertThat(reached).containsExactlyInAnyOrder("a", "b", "c");
  }

  @Test
  void aPropertyMayDecideInPlaceOfTheKey() {
    RoutingTable byId = type().newTable(Map.of("hash-property", "message_id"));
    List.of("a", "b", "c").forEach(queue -> byId.add(weighted(queue, "1")));
    Set<String> reached = new HashSet<>();
    for (int id = 0; id < 50; id++) {
      MessageProperties properties = messageId("m" + id);
      String queue = route(byId, "order.1", properties);
      assertThat(route(byId, "order.2", properties)).isEqualTo(queue);
      reached.add(queue);
    }
    assertThat(reached).containsExactlyInAnyOrder("a", "b", "c");
  }

  @Test
  void argumentsThatMakeNoSenseAreRefused() {
    List.of(
            Map.<String, Object>of("hash-header", "a", "hash-property", "message_id"),
            Map.<String, Object>of("hash-property", "payload"),
            Map.<String, Object>of("hash-header", 1))
        .forEach(
            arguments ->
                assertThatThrownBy(() -> type().newTable(arguments))
                    .isInstanceOf(PreconditionFailedException.class));
  }

  private static MessageProperties header(String name, Object value) {
    return new MessageProperties() {
      @Override
      public Map<String, Object> headers() {
        return Map.of(name, value);
      }
    };
  }

  private static MessageProperties messageId(String id) {
    return new MessageProperties() {
      @Override
      public Optional<String> messageId() {
        return Optional.of(id);
      }
    };
  }
}
