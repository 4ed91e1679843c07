package io.carrick.transport;

import io.carrick.spi.Loop;
import io.carrick.spi.LoopGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The loops of one broker over Netty: run by threads of their own in real time, by {@link
 * VirtualTime} in a test. Thread-safe.
 */
public final class NettyLoops implements LoopGroup {

  private final List<NettyLoop> loops;
  private final Sockets sockets;
  private final LoopRunner runner;
  private final AtomicInteger turn = new AtomicInteger();

  NettyLoops(List<NettyLoop> loops, Sockets sockets, LoopRunner runner) {
    this.loops = List.copyOf(loops);
    this.sockets = sockets;
    this.runner = runner;
  }

  /**
   * Returns what makes the loops of a broker in real time: {@link LoopGroup#defaultSize()}, each
   * with a thread that keeps the JVM alive until the group is closed.
   */
  public static LoopGroup.Factory factory() {
    return factory(LoopGroup.defaultSize());
  }

  /**
   * Returns what makes that many loops, as {@link #factory()} does.
   *
   * @param count at least 1
   * @throws IllegalArgumentException if it is less
   */
  public static LoopGroup.Factory factory(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("a broker needs at least one loop: " + count);
    }
    return threadPrefix -> {
      NettyVersion.check();
      Sockets sockets = Sockets.ofThisMachine();
      var loops = make(count, LoopClock.real(), sockets, LoopActivity.UNWATCHED);
      return new NettyLoops(loops, sockets, ThreadRunner.start(loops, threadPrefix));
    };
  }

  static List<NettyLoop> make(int count, LoopClock clock, Sockets sockets, LoopActivity activity) {
    List<NettyLoop> loops = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      loops.add(new NettyLoop(clock, sockets.handlers(), activity));
    }
    return loops;
  }

  List<NettyLoop> nettyLoops() {
    return loops;
  }

  Sockets sockets() {
    return sockets;
  }

  @Override
  public List<Loop> loops() {
    return List.copyOf(loops);
  }

  @Override
  public Loop next() {
    return loops.get(Math.floorMod(turn.getAndIncrement(), loops.size()));
  }

  @Override
  public <T extends @Nullable Object> T await(CompletableFuture<T> result) {
    for (NettyLoop loop : loops) {
      if (loop.inLoop()) {
        throw new IllegalStateException("a loop cannot wait for what loops produce");
      }
    }
    return runner.await(result);
  }

  @Override
  public void onFailure(Consumer<Throwable> listener) {
    loops.forEach(loop -> loop.onFailure(listener));
  }

  /**
   * {@inheritDoc} Called from a loop, it only begins: the loops end after the turns that are under
   * way.
   */
  @Override
  public void close() {
    runner.close();
  }
}
