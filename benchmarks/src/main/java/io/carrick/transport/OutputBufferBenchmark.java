package io.carrick.transport;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One frame appended, its head reserved and its body as a payload, and its share of the turn that
 * flushes it: up to 16 KB are copied, 64 KB go to Netty as they are. The peer takes everything at
 * once, so no system call is in it. Run with {@code -prof gc}: small frames allocate nothing.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {LoopThreads.CUSTOM, LoopThreads.CLASS})
public class OutputBufferBenchmark {

  private static final int HEAD_BYTES = 16;

  /** Bytes of a body. */
  @Param({"64", "1024", "65536"})
  int body = 64;

  /** Frames appended in a turn. */
  @Param({"1", "10", "100", "1000"})
  int framesPerFlush = 1;

  private @Nullable SinkConnection peer;
  private byte[] bytes = {};
  private int appended;
  private long frames;

  /** Connects. */
  @Setup
  public void connect() {
    peer = new SinkConnection();
    bytes = new byte[body];
  }

  private SinkConnection peer() {
    return Objects.requireNonNull(peer);
  }

  /** Makes sure that every frame went out. */
  @TearDown(Level.Iteration)
  public void check() {
    peer().check(frames * (HEAD_BYTES + body));
  }

  /** Closes the broker. */
  @TearDown
  public void close() {
    peer().close();
  }

  /** One frame. */
  @Benchmark
  public long append() {
    SinkConnection to = peer();
    OutputBuffer output = to.output();
    output.reserve(HEAD_BYTES).writeLong(frames).writeLong(frames);
    output.payload(bytes, 0, body);
    frames++;
    if (++appended == framesPerFlush) {
      appended = 0;
      to.turn();
    }
    return frames;
  }
}
