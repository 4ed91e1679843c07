package io.carrick.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.NotFoundException;
import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType;
import io.carrick.spi.ExchangeType.DelayingTable;
import io.carrick.spi.ExchangeType.RoutingTable;
import io.carrick.spi.ExchangeTypeContract;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("amqp091:x-delayed-message")
class DelayedMessageTypeTest extends ExchangeTypeContract {

  private static final Map<String, Object> BY_HASH = Map.of("x-delayed-type", "x-modulus-hash");

  @Override
  protected ExchangeType type() {
    return new DelayedMessageType();
  }

  @Override
  protected Map<String, Object> tableArguments() {
    return BY_HASH;
  }

  @Override
  protected RoutingTable otherTable(String type, Map<String, Object> arguments) {
    return switch (type) {
      case "x-consistent-hash" -> new ConsistentHashType().newTable(arguments);
      case "x-modulus-hash" -> new ModulusHashType().newTable(arguments);
      default -> super.otherTable(type, arguments);
    };
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

  private long delay(Object header) {
    var table = (DelayingTable) type().newTable(BY_HASH, this::otherTable);
    var properties = Message.builder("").header("x-delay", header).build().properties();
    return table.delayMs(
        Message.published("e", routingKey(), properties, new byte[0], Identity.ANONYMOUS, 0));
  }

  @Test
  void theHeaderIsANumberOfMillisecondsOfWhateverType() {
    assertThat(delay(1_000)).isEqualTo(1_000);
    assertThat(delay(1_000L)).isEqualTo(1_000);
    assertThat(delay((short) 10)).isEqualTo(10);
    assertThat(delay(2.7)).isEqualTo(2);
    assertThat(delay("5000")).isEqualTo(5_000);
    assertThat(delay(0xFFFF_FFFFL)).isEqualTo(0xFFFF_FFFFL);
  }

  @Test
  void whatIsNoDelayIsNone() {
    assertThat(delay(0)).isZero();
    assertThat(delay(-5_000)).isNegative();
    assertThat(delay(0x1_0000_0000L)).isZero();
    assertThat(delay("soon")).isZero();
    assertThat(delay(true)).isZero();
  }

  @Test
  void theTypeByWhichItRoutesMustBeNamed() {
    assertThatThrownBy(() -> type().newTable(Map.of(), this::otherTable))
        .isInstanceOf(PreconditionFailedException.class)
        .hasMessage("Invalid argument, 'x-delayed-type' must be an existing exchange type");
  }

  @Test
  void itCannotBeItself() {
    var itself = Map.<String, Object>of("x-delayed-type", "x-delayed-message");
    assertThatThrownBy(() -> type().newTable(itself, this::otherTable))
        .isInstanceOf(PreconditionFailedException.class);
  }

  @Test
  void aTypeThatIsNotThereIsNotFound() {
    assertThatThrownBy(() -> type().newTable(Map.of("x-delayed-type", "x-none"), this::otherTable))
        .isInstanceOf(NotFoundException.class)
        .hasMessage("unknown exchange type 'x-none'");
  }

  @Test
  void theOtherTypesArgumentsAreChecked() {
    assertThatThrownBy(
            () ->
                type()
                    .newTable(
                        Map.of("x-delayed-type", "x-consistent-hash", "hash-property", "none"),
                        this::otherTable))
        .isInstanceOf(PreconditionFailedException.class)
        .hasMessage("Unsupported property: none");
  }
}
