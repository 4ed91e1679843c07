package io.carrick.engine.routing;

import io.carrick.engine.delivery.Confirms.Pending;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.Answer;
import org.jspecify.annotations.Nullable;

/**
 * The broker itself as a publisher: nobody to pause. Immutable.
 *
 * @param home the loop that publishes
 */
record UnpausedPublishing(LoopContext home) implements Router.Publishing {

  @Override
  public void handedOver(int bytes) {}

  @Override
  public void answered(int bytes, Answer answer, @Nullable Pending confirm) {}

  @Override
  public void storeCongested() {}

  @Override
  public void congested() {}

  @Override
  public void alarmed() {}

  @Override
  public void relieved() {}
}
