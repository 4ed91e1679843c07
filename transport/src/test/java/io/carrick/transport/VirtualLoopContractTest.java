package io.carrick.transport;

import io.carrick.spi.LoopContract;
import io.carrick.spi.LoopGroup;
import java.time.Duration;

/** Netty's loops in virtual time, run by the test's thread. */
class VirtualLoopContractTest extends LoopContract {

  private final VirtualTime time = VirtualTime.inThisThread(2);

  @Override
  protected LoopGroup start() {
    return time.loops().start("test");
  }

  @Override
  protected void pass(long ms) {
    time.advance(Duration.ofMillis(ms));
  }
}
