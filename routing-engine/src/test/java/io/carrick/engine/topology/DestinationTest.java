package io.carrick.engine.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Binding;
import io.carrick.engine.matching.FanoutType;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.ExchangeType.RoutingTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DestinationTest {

  private final Destination destination = newDestination();

  private static Destination newDestination() {
    return exchange("x");
  }

  private static Exchange exchange(String name) {
    var declaration = new ExchangeDeclaration(name, "fanout", false, false, false, Map.of());
    RoutingTable table = new FanoutType().newTable(Map.of());
    return new Exchange(declaration, table, table, false, 1);
  }

  private static Binding binding(int key) {
    return Binding.of("x", "q", "key" + key);
  }

  @Property(tries = 2_000)
  void bindingsComeAndGoAsInAMap(
      @ForAll @Size(max = 200) List<@IntRange(min = 0, max = 40) Integer> keys,
      @ForAll boolean stored) {
    Destination fresh = newDestination();
    Map<Binding, Long> model = new HashMap<>();
    long step = 0;
    for (int key : keys) {
      Binding binding = binding(key);
      step++;
      if (model.containsKey(binding) && step % 3 != 0) {
        assertThat(fresh.remove(binding)).isEqualTo(model.remove(binding));
      } else {
        long id = stored && step % 2 == 0 ? step : 0;
        fresh.put(binding, id);
        model.put(binding, id);
      }
      assertThat(fresh.count()).isEqualTo(model.size());
      assertThat(fresh.all()).containsExactlyInAnyOrderElementsOf(model.keySet());
      model.forEach((present, id) -> assertThat(fresh.idOf(present)).isEqualTo(id));
      for (int other = 0; other <= 40; other++) {
        assertThat(fresh.has(binding(other))).isEqualTo(model.containsKey(binding(other)));
      }
    }
  }

  @Test
  void whatWasNotThereHasNoIdAndIsNotRemoved() {
    assertThat(destination.remove(binding(1))).isZero();
    assertThat(destination.idOf(binding(1))).isZero();
    assertThat(destination.find(binding(1))).isEmpty();
    assertThat(destination.all()).isEmpty();
  }

  @Test
  void aBindingTakesTheEqualOnesPlace() {
    Binding later = binding(1);
    destination.put(binding(1), 7);
    destination.put(later, 8);

    assertThat(destination.count()).isEqualTo(1);
    assertThat(destination.find(binding(1))).containsSame(later);
    assertThat(destination.idOf(later)).isEqualTo(8);
  }

  @Test
  void bindingsWithEqualAttachmentsLeadToOneTarget() {
    Object first = bound(1, 1_000).attachment();

    assertThat(bound(2, 1_000).attachment()).isSameAs(first).isSameAs(destination);
    Binding other = bound(3, 2_000);
    assertThat(bound(4, 2_000).attachment()).isSameAs(other.attachment()).isNotSameAs(first);
    assertThat(Destination.of(other)).isSameAs(destination);
    assertThat(Destination.attachmentOf(other)).isEqualTo(2_000);
    assertThat(destination.all())
        .extracting(Destination::attachmentOf)
        .containsExactlyInAnyOrder(1_000, 1_000, 2_000, 2_000);
  }

  @Test
  void anAttachmentThatIsNotThereIsNotThatOfALaterBinding() {
    Binding without = bound(1, null);
    Binding with = bound(2, 1_000);

    assertThat(Destination.attachmentOf(without)).isNull();
    assertThat(Destination.attachmentOf(with)).isEqualTo(1_000);
  }

  private Binding bound(int key, @Nullable Integer attachment) {
    Binding b = binding(key);
    Binding bound =
        destination.bound(
            exchange("source"),
            new Binding(b.exchange(), b.target(), "x", b.key(), b.arguments(), attachment));
    destination.put(bound, 0);
    return bound;
  }
}
