package io.carrick.amqp;

import io.carrick.Identity;
import io.carrick.Mapping;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.amqp.codec.AmqpProperties;
import io.carrick.amqp.codec.FieldReader;
import io.carrick.amqp.codec.FieldWriter;
import io.carrick.transport.LoopThreads;
import io.carrick.transport.SinkConnection;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One {@code basic.deliver} of a message that came by AMQP: method, header and body frames into the
 * output buffer, and a sixty-fourth of the turn that flushes them to a peer who takes everything.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {LoopThreads.CUSTOM, LoopThreads.CLASS})
public class AmqpDeliverEncodeBenchmark {

  private static final int DELIVERIES = 64;
  private static final int MAX_FRAME_BYTES = 128 << 10;

  private static final byte[] TAG = FieldWriter.shortStringImage("consumer-1");
  private static final String EXCHANGE = "amq.topic";
  private static final String KEY = "sensors.building-7.floor-3.temperature";

  /** Delivery mode 2 and nothing else. */
  private static final byte[] PERSISTENT = {0x10, 0x00, 2};

  /** Three frames; class, method, tag, delivery tag, flag, exchange, key; content header. */
  private static final int BYTES_AROUND =
      3 * 8 + (4 + TAG.length + 8 + 1 + 1 + EXCHANGE.length() + 1 + KEY.length()) + (12 + 3);

  /** Payload bytes. */
  @Param({"64", "16384"})
  int payload = 64;

  private final Crossing crossing = new Crossing();
  private @Nullable SinkConnection peer;
  private @Nullable FrameOutput output;
  private Message message = Message.of("");
  private long deliveryTag;

  /** Connects. */
  @Setup
  public void connect() {
    SinkConnection connected = new SinkConnection();
    peer = connected;
    FrameOutput frames = new FrameOutput(connected.connection());
    frames.maxFrameBytes(MAX_FRAME_BYTES);
    output = frames;
    message =
        Message.published(
            EXCHANGE,
            RoutingKey.ofKey(KEY),
            AmqpProperties.of(PERSISTENT, new FieldReader(8)),
            new byte[payload],
            Identity.ANONYMOUS,
            0);
  }

  private SinkConnection peer() {
    return Objects.requireNonNull(peer);
  }

  /** Makes sure that every delivery went out. */
  @TearDown(Level.Iteration)
  public void check() {
    peer().check(deliveryTag * (BYTES_AROUND + payload));
  }

  /** Closes the broker. */
  @TearDown
  public void close() {
    peer().close();
  }

  /** Deliveries, and the flush. */
  @Benchmark
  @OperationsPerInvocation(DELIVERIES)
  public long deliver() {
    FrameOutput to = Objects.requireNonNull(output);
    for (int i = 0; i < DELIVERIES; i++) {
      to.deliver(
          1, TAG, ++deliveryTag, false, message, crossing.properties(message, Mapping.lossless()));
    }
    peer().turn();
    return deliveryTag;
  }
}
