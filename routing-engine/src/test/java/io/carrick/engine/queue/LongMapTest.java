package io.carrick.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class LongMapTest {

  @Property
  void behavesAsAMapDoes(@ForAll @Size(max = 300) List<@LongRange(min = 1, max = 64) Long> keys) {
    var map = new LongMap<String>();
    var model = new HashMap<Long, String>();
    for (int i = 0; i < keys.size(); i++) {
      long key = keys.get(i);
      if (i % 3 == 2) {
        assertThat(map.remove(key)).isEqualTo(model.remove(key));
      } else {
        map.put(key, "v" + i);
        model.put(key, "v" + i);
      }
      assertThat(map.size()).isEqualTo(model.size());
    }
    assertThat(map.removeAll()).containsExactlyElementsOf(new TreeMap<>(model).values());
    assertThat(map.size()).isZero();
  }
}
