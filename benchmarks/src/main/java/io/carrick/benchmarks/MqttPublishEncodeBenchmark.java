package io.carrick.benchmarks;

import io.carrick.mqtt.codec.MqttEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
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

/** PUBLISH into an output chunk: header, topic, packet identifier and a payload that is copied. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MqttPublishEncodeBenchmark {

  private static final int PACKETS = 64;

  /** Topics of 7 and 38 bytes. */
  @Param({"a/b/c/d", "sensors/building-7/floor-3/temperature"})
  String topic = "";

  @Param({"0", "1"})
  int qos;

  /** Payload bytes. */
  @Param({"64", "1024"})
  int payload = 64;

  private byte[] topicBytes = {};
  private byte[] payloadBytes = {};
  private int packetBytes;
  private ByteBuf chunk = Unpooled.EMPTY_BUFFER;

  /** Makes room for the packets. */
  @Setup
  public void makeRoom() {
    topicBytes = topic.getBytes(StandardCharsets.US_ASCII);
    payloadBytes = new byte[payload];
    int length = 2 + topicBytes.length + (qos > 0 ? 2 : 0) + payload;
    packetBytes = 1 + (length > 127 ? 2 : 1) + length;
    int room = MqttEncoder.publishHeaderBytes(topicBytes) + payload;
    chunk = UnpooledByteBufAllocator.DEFAULT.directBuffer(PACKETS * room);
  }

  /** Gives the buffer back. */
  @TearDown
  public void release() {
    chunk.release();
  }

  /** Encodes as many packets as the chunk has room for. */
  @Benchmark
  @OperationsPerInvocation(PACKETS)
  public ByteBuf encode() {
    chunk.clear();
    for (int id = 1; id <= PACKETS; id++) {
      MqttEncoder.publishHeader(chunk, topicBytes, qos, false, false, id, payload);
      chunk.writeBytes(payloadBytes);
    }
    if (chunk.readableBytes() != PACKETS * packetBytes) {
      throw new IllegalStateException(chunk.readableBytes() + " bytes were written");
    }
    return chunk;
  }
}
