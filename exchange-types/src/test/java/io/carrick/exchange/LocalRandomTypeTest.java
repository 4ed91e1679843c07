package io.carrick.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType;
import io.carrick.spi.ExchangeType.RoutingTable;
import io.carrick.spi.ExchangeTypeContract;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("amqp091:x-local-random")
class LocalRandomTypeTest extends ExchangeTypeContract {

  @Override
  protected ExchangeType type() {
    return new LocalRandomType();
  }

  @Override
  protected RoutingKey matchingKey() {
    return RoutingKey.ofKey("");
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
  void onlyQueuesAreBoundAndWithoutAKey() {
    RoutingTable table = type().newTable(Map.of());
    assertThatThrownBy(() -> table.add(Binding.of("local", "queue", "key")))
        .isInstanceOf(PreconditionFailedException.class)
        .hasMessage("Non empty binding 'key' key not permitted");
    assertThatThrownBy(() -> table.add(Binding.toExchange("local", "exchange", "")))
        .isInstanceOf(PreconditionFailedException.class)
        .hasMessage("Destination not found");

    table.add(Binding.of("local", "queue", ""));

    List<String> reached = new ArrayList<>();
    table.route(routingKey(), Message.of(""), binding -> reached.add(binding.destination()));
    assertThat(reached).containsExactly("queue");
  }
}
