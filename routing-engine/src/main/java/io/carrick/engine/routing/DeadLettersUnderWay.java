package io.carrick.engine.routing;

import io.carrick.engine.delivery.Confirms.Pending;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.Answer;
import io.carrick.spi.HeldBytes.Kind;
import org.jspecify.annotations.Nullable;

/**
 * The broker as the publisher of one loop's dead letters: what is on its way to other loops counts,
 * and beyond a bound the others wait. Confined to that loop.
 */
final class DeadLettersUnderWay implements Router.Publishing {

  private final LoopContext home;
  private final long mostBytes;
  private final Runnable roomAgain;
  private long bytes;

  DeadLettersUnderWay(LoopContext home, long mostBytes, Runnable roomAgain) {
    this.home = home;
    this.mostBytes = mostBytes;
    this.roomAgain = roomAgain;
  }

  /** Returns whether nothing more is to be sent to another loop at present. */
  boolean tooMuch() {
    return bytes > mostBytes;
  }

  @Override
  public LoopContext home() {
    return home;
  }

  @Override
  public void handedOver(int size) {
    bytes += size;
    home.held().add(Kind.UNDER_WAY, size);
  }

  @Override
  public void answered(int size, Answer answer, @Nullable Pending confirm) {
    boolean waited = tooMuch();
    bytes -= size;
    home.held().add(Kind.UNDER_WAY, -size);
    if (waited && !tooMuch()) {
      roomAgain.run();
    }
  }

  @Override
  public void storeCongested() {}

  @Override
  public void congested() {}

  @Override
  public void alarmed() {}

  @Override
  public void relieved() {}
}
