package io.carrick.benchmarks;

import io.carrick.Limits;
import io.carrick.mqtt.codec.MqttDecoder;
import io.carrick.mqtt.codec.MqttPacket;
import io.carrick.mqtt.codec.MqttPacket.Connect;
import io.carrick.mqtt.codec.MqttVersion;
import io.carrick.mqtt.codec.PacketBounds;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.mqtt.codec.PublishView;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
 * PUBLISH from the receive buffer to a checked, located topic and payload, with nothing copied: 60
 * ns and 0 B at most for a packet. Run with {@code -prof gc} to see the bytes.
 *
 * <p>As from a socket: a direct buffer with many packets behind each other.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class MqttPublishDecodeBenchmark {

  private static final int PACKETS = 64;
  private static final int PAYLOAD_BYTES = 64;

  /** Topics of 7, 38 and 118 bytes. */
  @Param({
    "a/b/c/d",
    "sensors/building-7/floor-3/temperature",
    "plant/north/hall-12/line-4/cell-7/robot-arm-left/joint-3/motor/temperature/celsius/average/over/one/minute/by/the/second"
  })
  public String topic = "";

  @Param({"0", "1"})
  public int qos;

  private ByteBuf received = Unpooled.EMPTY_BUFFER;
  private @Nullable MqttDecoder decoder;
  private final Sum sum = new Sum();

  /** Adds up what was located, so that nothing can be left out. */
  private static final class Sum implements MqttDecoder.Sink {

    private final PublishView view = new PublishView();
    private @Nullable MqttVersion version;
    private long located;

    @Override
    public @Nullable MqttVersion version() {
      return version;
    }

    @Override
    public PublishView publishView() {
      return view;
    }

    @Override
    public void onPublish(PublishView publish) {
      located += publish.topicLength() + publish.payloadLength() + publish.packetId();
    }

    @Override
    public void onAck(PacketType type, int packetId) {
      located += packetId;
    }

    @Override
    public void onRejection(PacketType type, int packetId, int reasonCode, String why) {
      located -= packetId;
    }

    @Override
    public void onPacket(MqttPacket packet) {
      located++;
      if (packet instanceof Connect connect) {
        version = connect.version();
      }
    }
  }

  /** Fills the buffer. */
  @Setup
  public void fill() {
    var d = new MqttDecoder(PacketBounds.of(Limits.defaults()));
    byte[] connect = {0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, 1, 'c'};
    d.read(Unpooled.wrappedBuffer(connect), sum);
    decoder = d;
    byte[] name = topic.getBytes(StandardCharsets.US_ASCII);
    int length = 2 + name.length + (qos > 0 ? 2 : 0) + PAYLOAD_BYTES;
    received = UnpooledByteBufAllocator.DEFAULT.directBuffer(PACKETS * (5 + length));
    for (int i = 1; i <= PACKETS; i++) {
      received.writeByte(0x30 | (qos << 1));
      if (length > 127) {
        received.writeByte((length & 127) | 128).writeByte(length >> 7);
      } else {
        received.writeByte(length);
      }
      received.writeShort(name.length).writeBytes(name);
      if (qos > 0) {
        received.writeShort(i);
      }
      received.writeZero(PAYLOAD_BYTES);
    }
  }

  /** Gives the buffer back. */
  @TearDown
  public void release() {
    received.release();
  }

  /** Decodes every packet of the buffer. */
  @Benchmark
  @OperationsPerInvocation(PACKETS)
  public long decode() {
    MqttDecoder d = decoder;
    received.readerIndex(0);
    while (d != null && d.read(received, sum)) {
      // the sink has it
    }
    return sum.located;
  }
}
