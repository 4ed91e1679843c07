package io.carrick.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Binding;
import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType;
import io.carrick.spi.ExchangeType.RememberingTable;
import io.carrick.spi.ExchangeTypeContract;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("amqp091:x-recent-history")
class RecentHistoryTypeTest extends ExchangeTypeContract {

  @Override
  protected Map<String, Object> tableArguments() {
    return Map.of("x-recent-history-length", 3);
  }

  @Override
  protected ExchangeType type() {
    return new RecentHistoryType();
  }

  @Override
  protected RoutingKey matchingKey() {
    return RoutingKey.ofKey("any");
  }

  @Override
  protected RoutingKey routingKey() {
    return RoutingKey.ofKey("order.42");
  }

  private RememberingTable remembering(Map<String, Object> arguments) {
    return (RememberingTable) type().newTable(arguments);
  }

  private static void publish(RememberingTable table, String text, Map<String, Object> headers) {
    var properties = Message.builder("");
    headers.forEach(properties::header);
    table.route(
        RoutingKey.EMPTY,
        Message.published(
            "e",
            RoutingKey.EMPTY,
            properties.build().properties(),
            text.getBytes(StandardCharsets.UTF_8),
            Identity.ANONYMOUS,
            0),
        binding -> {});
  }

  private static List<String> recalled(RememberingTable table, String queue) {
    return table.addAndRecall(Binding.of("e", queue, "")).stream().map(Message::text).toList();
  }

  @Test
  void whoIsBoundGetsTheLastTwentyInOrder() {
    RememberingTable table = remembering(Map.of());
    assertThat(recalled(table, "first")).isEmpty();
    for (int i = 1; i <= 5; i++) {
      publish(table, "m" + i, Map.of());
    }
    assertThat(recalled(table, "second")).containsExactly("m1", "m2", "m3", "m4", "m5");
    for (int i = 6; i <= 1_000; i++) {
      publish(table, "m" + i, Map.of());
    }
    assertThat(recalled(table, "third")).hasSize(20).startsWith("m981").endsWith("m1000");
  }

  @Test
  void theLengthIsAnArgument() {
    RememberingTable table = remembering(Map.of("x-recent-history-length", 2L));
    for (int i = 1; i <= 5; i++) {
      publish(table, "m" + i, Map.of());
    }
    assertThat(recalled(table, "q")).containsExactly("m4", "m5");
  }

  @Test
  void whatSaysSoIsNotRemembered() {
    RememberingTable table = remembering(Map.of());
    publish(table, "kept", Map.of());
    publish(table, "not kept", Map.of("x-recent-history-no-store", true));
    publish(table, "kept, too", Map.of("x-recent-history-no-store", false));
    assertThat(recalled(table, "q")).containsExactly("kept", "kept, too");
  }

  @Test
  void whatIsHeldIsBoundedAndCounted() {
    RememberingTable table = remembering(Map.of("x-recent-history-length", 10));
    publish(table, "a".repeat(1_000), Map.of());
    long one = table.heldBytes();
    assertThat(one).isGreaterThan(1_000);
    for (int i = 0; i < 10_000; i++) {
      publish(table, "a".repeat(1_000), Map.of());
      assertThat(table.heldBytes()).isBetween(one, 20 * one);
    }
  }

  @Test
  void theOldestAreForgottenBeyondABoundInBytes() {
    RememberingTable table = remembering(Map.of("x-recent-history-length", 10_000));
    String mebibyte = "a".repeat(1 << 20);
    for (int i = 0; i < 100; i++) {
      publish(table, i + mebibyte, Map.of());
      assertThat(table.heldBytes()).isLessThan(2 * History.MOST_BYTES + 1);
    }
    assertThat(recalled(table, "q"))
        .hasSize(15)
        .satisfies(last -> assertThat(last.get(0)).startsWith("85a"))
        .satisfies(last -> assertThat(last.get(14)).startsWith("99a"));
  }

  @Test
  void theLatestIsRememberedHoweverLargeItIs() {
    RememberingTable table = remembering(Map.of());
    String large = "a".repeat((int) (3 * History.MOST_BYTES));
    publish(table, "small", Map.of());
    publish(table, large, Map.of());
    assertThat(recalled(table, "q")).containsExactly(large);
    publish(table, "after", Map.of());
    assertThat(recalled(table, "q, too")).containsExactly("after");
    assertThat(table.heldBytes()).isLessThan(10_000);
  }

  @Test
  void aLengthThatIsNoneIsRefused() {
    for (Object length : List.of(0, -1, "20", 2.5)) {
      assertThatThrownBy(() -> remembering(Map.of("x-recent-history-length", length)))
          .isInstanceOf(PreconditionFailedException.class)
          .hasMessage(
              "Invalid argument %s, 'x-recent-history-length' must be a positive integer", length);
    }
    assertThatThrownBy(() -> remembering(Map.of("x-recent-history-length", 10_001)))
        .isInstanceOf(PreconditionFailedException.class)
        .hasMessageContaining("at most 10000");
  }
}
