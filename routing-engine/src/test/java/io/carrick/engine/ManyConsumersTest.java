package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.engine.TestClient.Consuming;
import io.carrick.spi.Settlement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Very many consumers of one queue that come and go. */
class ManyConsumersTest {

  private static final int STEPS = 600;

  private final RestartableBroker run = new RestartableBroker();
  private final TestClient near = run.client("near");
  private final TestClient far = run.farClient("far");

  /** Whose turn it is: the first. */
  private final ArrayDeque<Consuming> turns = new ArrayDeque<>();

  @Property(tries = 10)
  void thoseWhoAreThereAreServedInTurnWhoeverHasLeft(@ForAll long seed) {
    var random = new Random(seed);
    near.declare("q");
    for (int step = 0; step < STEPS; step++) {
      int kind = random.nextInt(10);
      if (kind < 4 || turns.size() < 2) {
        turns.addLast((random.nextBoolean() ? near : far).consume(RestartableBroker.shared("q")));
      } else if (kind < 7) {
        leave(random);
      } else {
        publish("m" + step);
      }
    }
    List<Consuming> last = new ArrayList<>(turns);
    while (turns.size() > 1) {
      leave(random);
    }
    publish("last");
    assertThat(last).contains(turns.getFirst());
  }

  private void leave(Random random) {
    List<Consuming> all = new ArrayList<>(turns);
    Consuming gone = all.get(random.nextInt(all.size()));
    turns.remove(gone);
    gone.client().act(p -> gone.consumption.detach());
  }

  private void publish(String text) {
    Consuming next = turns.removeFirst();
    turns.addLast(next);
    int before = next.got.size();
    near.publish("", "q", text);
    assertThat(next.got).hasSize(before + 1).endsWith(text);
    next.settle(before, Settlement.ACCEPT);
  }
}
