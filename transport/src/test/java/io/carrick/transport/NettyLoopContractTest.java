package io.carrick.transport;

import io.carrick.spi.LoopContract;
import io.carrick.spi.LoopGroup;

/** Netty's loops, in real time. */
class NettyLoopContractTest extends LoopContract {

  @Override
  protected LoopGroup start() {
    return NettyLoops.factory(2).start("test");
  }
}
