package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Binding;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class DestinationTest {

  private final Destination destination = new Destination();

  private static Binding binding(int key) {
    return Binding.of("x", "q", "key" + key);
  }

  @Property(tries = 2_000)
  void bindingsComeAndGoAsInAMap(
      @ForAll @Size(max = 200) List<@IntRange(min = 0, max = 40) Integer> keys,
      @ForAll boolean stored) {
    var fresh = new Destination();
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
    BoundTarget first = destination.shared(new BoundTarget(null, null, 1_000));

    assertThat(destination.shared(new BoundTarget(null, null, 1_000))).isSameAs(first);
    assertThat(destination.shared(new BoundTarget(null, null, 2)).attachment()).isEqualTo(2);
  }
}
