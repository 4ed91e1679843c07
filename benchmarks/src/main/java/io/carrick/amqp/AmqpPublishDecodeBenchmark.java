package io.carrick.amqp;

import io.carrick.Limits;
import io.carrick.RoutingKey;
import io.carrick.amqp.codec.AmqpProperties;
import io.carrick.amqp.codec.BasicMethod;
import io.carrick.amqp.codec.FieldReader;
import io.carrick.amqp.codec.FrameReader;
import io.carrick.amqp.codec.FrameWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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
 * {@code basic.publish} from the receive buffer, its method, header and body frames, to where it
 * goes, its properties and a body of its own: all that is made for a message is its payload. Run
 * with {@code -prof gc} to see the bytes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AmqpPublishDecodeBenchmark {

  private static final int PUBLISHES = 64;
  private static final int MAX_FRAME_BYTES = 128 << 10;

  /** Delivery mode 2 and nothing else. */
  private static final byte[] PERSISTENT = {0x10, 0x00, 2};

  /** Payload bytes. */
  @Param({"64", "16384"})
  int payload = 64;

  /** To how many routing keys, in turn: a channel knows some of its last ones again. */
  @Param({"1", "2", "20"})
  int keys = 1;

  private final FrameReader frames = new FrameReader();
  private final ContentAssembly content =
      new ContentAssembly(new FieldReader(8), Limits.defaults(), 0);
  private ByteBuf received = Unpooled.EMPTY_BUFFER;
  private final byte[][] bodies = new byte[PUBLISHES][];

  /** Fills the buffer. */
  @Setup
  public void fill() {
    frames.maxFrameBytes(MAX_FRAME_BYTES);
    received = UnpooledByteBufAllocator.DEFAULT.directBuffer(PUBLISHES * (payload + 256));
    for (int i = 0; i < PUBLISHES; i++) {
      RoutingKey key = RoutingKey.ofKey("sensors.building-7.floor-" + i % keys);
      var publish = new BasicMethod.Publish("amq.topic", key, false, false);
      FrameWriter.method(received, 1, publish);
      FrameWriter.header(received, 1, payload, PERSISTENT);
      int start = FrameWriter.begin(received, FrameReader.BODY, 1);
      received.writeByte(i).writeZero(payload - 1);
      FrameWriter.end(received, start);
    }
  }

  /** Gives the buffer back. */
  @TearDown
  public void release() {
    received.release();
  }

  /** Decodes every publish of the buffer. */
  @Benchmark
  @OperationsPerInvocation(PUBLISHES)
  public byte[][] decode() {
    received.readerIndex(0);
    int publishes = 0;
    while (frames.next(received)) {
      int start = frames.payloadStart();
      int bytes = frames.payloadBytes();
      switch (frames.type()) {
        case FrameReader.METHOD -> content.method(received, start, bytes);
        case FrameReader.HEADER -> content.header(received, start, bytes);
        default -> content.body(received, start, bytes);
      }
      if (content.complete()) {
        take(publishes++);
      }
    }
    if (publishes != PUBLISHES || received.isReadable()) {
      throw new IllegalStateException("only " + publishes + " publishes");
    }
    return bodies;
  }

  private void take(int index) {
    RoutingKey key = content.publish().key();
    AmqpProperties properties = content.properties();
    byte[] body = content.takeBody();
    if (key.levels() != 3
        || !properties.persistent()
        || body.length != payload
        || body[0] != index) {
      throw new IllegalStateException("publish " + index + " was decoded wrongly");
    }
    bodies[index] = body;
  }
}
