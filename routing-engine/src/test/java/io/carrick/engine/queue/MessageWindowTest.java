package io.carrick.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class MessageWindowTest {

  @Property(tries = 200)
  void aWindowIsInOrderHoweverItGrowsAndEmpties(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 200) int most) {
    var random = new Random(seed);
    var window = new MessageWindow();
    var model = new ArrayDeque<QueuedMessage>();
    for (int step = 0; step < 2_000; step++) {
      boolean filling = step / most % 2 == 0;
      if (random.nextInt(4) > 0 == filling) {
        var m = new QueuedMessage(step, 0, Message.of("m"), null, null);
        window.addLast(m);
        model.addLast(m);
      } else {
        assertThat(window.pollFirst()).isSameAs(model.pollFirst());
      }
      assertThat(window.size()).isEqualTo(model.size());
      assertThat(window.peekFirst()).isSameAs(model.peekFirst());
    }
    var shown = new ArrayList<QueuedMessage>();
    window.forEach(shown::add);

    assertThat(shown).containsExactlyElementsOf(model);
  }
}
