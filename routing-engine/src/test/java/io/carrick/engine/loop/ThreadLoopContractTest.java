package io.carrick.engine.loop;

import io.carrick.spi.LoopContract;
import io.carrick.spi.LoopGroup;

/** Plain threads, in real time. */
class ThreadLoopContractTest extends LoopContract {

  @Override
  protected LoopGroup start() {
    return ThreadLoops.start(2, "test");
  }
}
