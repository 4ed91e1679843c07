package io.carrick.engine.matching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType;
import io.carrick.spi.ExchangeTypeContract;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HeadersTypeTest extends ExchangeTypeContract {

  @Override
  protected ExchangeType type() {
    return new HeadersType();
  }

  @Override
  protected RoutingKey matchingKey() {
    return RoutingKey.ofKey("whatever");
  }

  @Override
  protected Map<String, Object> bindingArguments() {
    return Map.of("x-match", "all", "format", "pdf", "pages", 3);
  }

  @Override
  protected RoutingKey routingKey() {
    return RoutingKey.EMPTY;
  }

  @Override
  protected MessageProperties properties() {
    return Message.builder("")
        .header("format", "pdf")
        .header("pages", 3L)
        .header("more", true)
        .build()
        .properties();
  }

  private static boolean matches(Map<String, Object> arguments, Map<String, Object> headers) {
    ExchangeType.RoutingTable table = new HeadersType().newTable(Map.of());
    table.add(Binding.of("e", "q", "", arguments));
    Message.Builder message = Message.builder("");
    headers.forEach(message::header);
    List<Binding> matched = new ArrayList<>();
    table.route(RoutingKey.EMPTY, message.build(), matched::add);
    return !matched.isEmpty();
  }

  @Test
  void allIsTheDefaultAndAsksForEveryArgument() {
    assertThat(matches(Map.of("a", 1, "b", "x"), Map.of("a", 1, "b", "x", "c", 2))).isTrue();
    assertThat(matches(Map.of("a", 1, "b", "x"), Map.of("a", 1))).isFalse();
    assertThat(matches(Map.of("a", 1, "b", "x"), Map.of("a", 1, "b", "y"))).isFalse();
  }

  @Test
  void anyAsksForOneArgument() {
    Map<String, Object> arguments = Map.of("x-match", "any", "a", 1, "b", "x");
    assertThat(matches(arguments, Map.of("b", "x"))).isTrue();
    assertThat(matches(arguments, Map.of("a", 2, "b", "y"))).isFalse();
    assertThat(matches(arguments, Map.of())).isFalse();
  }

  @Test
  void withoutArgumentsAllMatchesEverythingAndAnyNothing() {
    assertThat(matches(Map.of(), Map.of("a", 1))).isTrue();
    assertThat(matches(Map.of("x-match", "all"), Map.of())).isTrue();
    assertThat(matches(Map.of("x-match", "any"), Map.of("a", 1))).isFalse();
  }

  @Test
  void argumentsThatStartWithXCountOnlyIfAskedTo() {
    Map<String, Object> headers = Map.of("a", 1, "x-b", 2);
    assertThat(matches(Map.of("x-match", "all", "a", 1, "x-b", 9), headers)).isTrue();
    assertThat(matches(Map.of("x-match", "all-with-x", "a", 1, "x-b", 9), headers)).isFalse();
    assertThat(matches(Map.of("x-match", "all-with-x", "a", 1, "x-b", 2), headers)).isTrue();
    assertThat(matches(Map.of("x-match", "any", "a", 9, "x-b", 2), headers)).isFalse();
    assertThat(matches(Map.of("x-match", "any-with-x", "a", 9, "x-b", 2), headers)).isTrue();
  }

  @Test
  void voidAsksOnlyThatTheHeaderIsThere() {
    Map<String, Object> arguments = Map.of("a", MessageProperties.VOID);
    assertThat(matches(arguments, Map.of("a", "anything"))).isTrue();
    assertThat(matches(arguments, Map.of("a", MessageProperties.VOID))).isTrue();
    assertThat(matches(arguments, Map.of("b", 1))).isFalse();
    assertThat(matches(Map.of("a", 1), Map.of("a", MessageProperties.VOID))).isFalse();
  }

  @Test
  void numbersOfOneKindAreEqualWhateverTheirWidth() {
    assertThat(matches(Map.of("a", (byte) 5), Map.of("a", 5L))).isTrue();
    assertThat(matches(Map.of("a", 5L), Map.of("a", (short) 5))).isTrue();
    assertThat(matches(Map.of("a", 0.5f), Map.of("a", 0.5d))).isTrue();
    assertThat(matches(Map.of("a", 5), Map.of("a", 5.0d))).isFalse();
    assertThat(matches(Map.of("a", 5), Map.of("a", "5"))).isFalse();
    assertThat(matches(Map.of("a", new BigDecimal("1.5")), Map.of("a", new BigDecimal("1.5"))))
        .isTrue();
  }

  @Test
  void bytesArraysAndTablesAreEqualByContent() {
    assertThat(matches(Map.of("a", new byte[] {1}), Map.of("a", new byte[] {1}))).isTrue();
    assertThat(matches(Map.of("a", List.of(1, "x")), Map.of("a", List.of(1L, "x")))).isTrue();
    assertThat(matches(Map.of("a", List.of(1, "x")), Map.of("a", List.of(1)))).isFalse();
    assertThat(matches(Map.of("a", Map.of("b", 1)), Map.of("a", Map.of("b", (byte) 1)))).isTrue();
    assertThat(matches(Map.of("a", Map.of("b", 1)), Map.of("a", Map.of("c", 1)))).isFalse();
  }

  @Test
  void anUnknownMatchIsRefusedAndRemovingItHarmless() {
    ExchangeType.RoutingTable table = new HeadersType().newTable(Map.of());
    for (Object match : List.of("some", 1, "")) {
      Binding binding = Binding.of("e", "q", "", Map.of("x-match", match));
      assertThatThrownBy(() -> table.add(binding)).isInstanceOf(PreconditionFailedException.class);
      table.remove(binding);
    }
  }
}
