package io.carrick.engine.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Limits;
import io.carrick.engine.loop.ManualLoop;
import io.carrick.storage.Disk;
import io.carrick.storage.MessageStore;
import io.carrick.storage.PlainCodec;
import io.carrick.storage.StoreContext;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoopContextTest {

  private final Disk disk = new Disk();
  private final MessageStore store =
      disk.open(new StoreContext(new PlainCodec(), Limits.defaults()));
  private final ManualLoop here = new ManualLoop();
  private final ManualLoop there = new ManualLoop();
  private final Memory memory = TestMemory.bounded(Limits.defaults());
  private final LoopContext hereContext = new LoopContext(here, 0, store, memory);
  private final LoopContext thereContext = new LoopContext(there, 1, store, memory);
  private final List<String> done = new ArrayList<>();

  private void fail() {
    throw new IllegalStateException("a mistake");
  }

  @Test
  void lettersArriveInOrderAndOneThatFailsKeepsNoOtherFromArriving() {
    here.turn(
        () -> {
          hereContext.tell(thereContext, () -> done.add("first"));
          hereContext.tell(thereContext, this::fail);
          hereContext.tell(thereContext, () -> done.add("last"));
        });
    there.run();

    assertThat(done).containsExactly("first", "last");
  }

  @Test
  void anErrorInOneOfThemKeepsNoOtherFromArrivingUnlessItIsFatal() {
    here.turn(
        () -> {
          hereContext.tell(
              thereContext,
              () -> {
                throw new StackOverflowError("on purpose");
              });
          hereContext.tell(thereContext, () -> done.add("behind an error"));
        });
    there.run();
    assertThat(done).containsExactly("behind an error");

    here.turn(
        () -> {
          hereContext.tell(
              thereContext,
              () -> {
                throw new OutOfMemoryError("on purpose");
              });
          hereContext.tell(thereContext, () -> done.add("behind the end"));
        });
    assertThatThrownBy(there::run).isInstanceOf(OutOfMemoryError.class);
    assertThat(done).containsExactly("behind an error");
  }

  @Test
  void whoWaitsForTheStoreIsToldThoughAnotherFails() {
    disk.hold();
    here.turn(
        () -> {
          long sequence = hereContext.appender().put("table", "key", new byte[0]);
          hereContext.whenDurable(sequence, () -> done.add("first"));
          hereContext.whenDurable(sequence, this::fail);
          hereContext.whenDurable(sequence, () -> done.add("last"));
        });
    assertThat(done).isEmpty();

    disk.release();
    here.run();

    assertThat(done).containsExactly("first", "last");
  }
}
