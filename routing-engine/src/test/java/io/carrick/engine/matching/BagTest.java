package io.carrick.engine.matching;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class BagTest {

  @Property(tries = 500)
  void equalsALinkedSet(
      @ForAll @Size(max = 400) List<@IntRange(min = -60, max = 60) Integer> changes) {
    Bag<Integer> bag = new Bag<>();
    Set<Integer> model = new LinkedHashSet<>();
    for (int change : changes) {
      int value = Math.abs(change);
      if (change >= 0) {
        bag.add(value);
        model.add(value);
      } else {
        bag.remove(value);
        model.remove(value);
      }
      assertThat(bag.size()).isEqualTo(model.size());
    }
    List<Integer> reported = new ArrayList<>();
    bag.forEach(reported::add);
    assertThat(reported).containsExactlyElementsOf(model);
    assertThat(bag.first()).isEqualTo(model.isEmpty() ? null : reported.get(0));
  }
}
