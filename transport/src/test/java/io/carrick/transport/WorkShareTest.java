package io.carrick.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** Workers are run by hand here. */
class WorkShareTest {

  private final Queue<Runnable> workers = new ArrayDeque<>();
  private final WorkShare share = new WorkShare(workers::add, 2);
  private final List<Integer> done = new ArrayList<>();

  @Test
  void noMoreWorkersAreAskedThanItsShareAndTheOthersWaitInOrder() {
    for (int i = 0; i < 5; i++) {
      int number = i;
      share.execute(() -> done.add(number));
    }
    assertThat(workers).hasSize(2);
    workers.remove().run();
    assertThat(done).containsExactly(0, 1, 2, 3, 4);
    workers.remove().run(); // finds nothing left
    share.execute(() -> done.add(5));
    assertThat(workers).hasSize(1);
    workers.remove().run();
    assertThat(done).endsWith(5);
  }

  @Test
  void aTaskThatFailsTakesNoOtherAlong() {
    share.execute(
        () -> {
          throw new IllegalStateException("on purpose");
        });
    share.execute(() -> done.add(1));
    Runnable first = workers.remove();
    assertThatThrownBy(first::run).hasMessage("on purpose");
    while (!workers.isEmpty()) {
      workers.remove().run();
    }
    assertThat(done).containsExactly(1);
    for (int i = 2; i < 6; i++) {
      int number = i;
      share.execute(() -> done.add(number));
    }
    assertThat(workers).hasSize(2); // nobody's place is lost
  }

  @Test
  void whenThereAreNoWorkersAnyMoreThatIsSaid() {
    var closed =
        new WorkShare(
            task -> {
              throw new RejectedExecutionException("closed");
            },
            1);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> closed.execute(() -> done.add(0)))
          .isInstanceOf(RejectedExecutionException.class);
    }
  }
}
