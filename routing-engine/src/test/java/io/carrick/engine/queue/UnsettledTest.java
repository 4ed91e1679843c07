package io.carrick.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class UnsettledTest {

  private static QueuedMessage message(long position) {
    long sequence = position % 3 == 0 ? position : 0; // every third is stored
    return new QueuedMessage(position, sequence, Message.of("m"), null, null);
  }

  @Property
  void behavesAsAMapDoes(
      @ForAll @Size(max = 400) List<@LongRange(min = 1, max = 96) Long> positions) {
    var unsettled = new Unsettled();
    var model = new TreeMap<Long, QueuedMessage>();
    for (int i = 0; i < positions.size(); i++) {
      QueuedMessage m = message(positions.get(i));
      if (i % 3 == 2 || model.containsKey(m.deliveryId())) {
        assertThat(unsettled.remove(m.deliveryId())).isSameAs(model.remove(m.deliveryId()));
      } else {
        unsettled.add(m);
        model.put(m.deliveryId(), m);
      }
      assertThat(unsettled.size()).isEqualTo(model.size());
    }
    var shown = new ArrayList<QueuedMessage>();
    unsettled.forEach(shown::add);
    assertThat(shown).containsExactlyInAnyOrderElementsOf(model.values());
    assertThat(unsettled.removeAll()).containsExactlyElementsOf(model.values());
    assertThat(unsettled.size()).isZero();
  }

  @Test
  void manyDeliveriesAreFoundWhileItGrowsAndShrinks() {
    var unsettled = new Unsettled();
    for (long position = 1; position <= 10_000; position++) {
      unsettled.add(message(position));
    }
    for (long position = 1; position <= 10_000; position++) {
      QueuedMessage removed = unsettled.remove(message(position).deliveryId());
      assertThat(removed).isNotNull();
      assertThat(removed.position).isEqualTo(position);
    }
    assertThat(unsettled.size()).isZero();
  }
}
