package io.carrick.mqtt.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.Arguments;

/** Whatever is written is read back, and whatever comes is either a packet or refused. */
class CodecPropertiesTest {

  /** Nothing that a decoder keeps of a packet is larger than the packet by more than this. */
  private static final long ALLOCATED_PER_BYTE = 64;

  private static final long ALLOCATED_AT_LEAST = 16 << 10;

  private static final List<byte[]> VALID =
      Stream.concat(MqttDecoderTest.firstPackets(), MqttDecoderTest.laterPackets())
          .map(Arguments::get)
          .map(a -> (byte[]) a[0])
          .toList();

  // ---- there and back

  @Property
  void publishOfTheServerIsReadBack(
      @ForAll("topics") String topic,
      @ForAll("topics") String payload,
      @ForAll @IntRange(max = 2) int qos,
      @ForAll @IntRange(min = 1, max = 65_535) int packetId,
      @ForAll boolean retain,
      @ForAll boolean dup) {
    ByteBuf out = Unpooled.buffer();
    byte[] topicBytes = Packets.utf8(topic);
    byte[] payloadBytes = Packets.utf8(payload);
    int room = MqttEncoder.publishHeaderBytes(topicBytes);
    MqttEncoder.publishHeader(
        out, topicBytes, qos, retain, dup, qos == 0 ? 0 : packetId, payloadBytes.length);
    assertThat(out.readableBytes()).isLessThanOrEqualTo(room);
    out.writeBytes(payloadBytes);
    assertThat(ServerPackets.describe(bytes(out)))
        .containsExactly(
            "PUBLISH "
                + topic
                + " "
                + payload
                + (qos == 0 ? "" : " qos" + qos + " #" + packetId)
                + (dup ? " dup" : "")
                + (retain ? " retain" : ""));
  }

  @Property
  void publishOfAClientIsReadBack(
      @ForAll("topics") String topic,
      @ForAll("topics") String payload,
      @ForAll @IntRange(min = 1, max = 2) int qos,
      @ForAll @IntRange(min = 1, max = 65_535) int packetId) {
    assertThat(Decoded.connected().feed(Packets.publish(topic, payload, qos, packetId)).packets)
        .containsExactly("PUBLISH " + topic + " " + payload + " qos" + qos + " #" + packetId);
  }

  @Property
  @net.jqwik.api.Tag("MQTT-3.1.3-1/311")
  void aConnectIsReadBack(
      @ForAll("topics") String id,
      @ForAll("topics") String topic,
      @ForAll @IntRange(max = 2) int qos,
      @ForAll @IntRange(max = 65_535) int keepAlive) {
    byte[] packet =
        Packets.connect(id)
            .keepAlive(keepAlive)
            .will(topic, id, qos, true)
            .user(topic)
            .password(id)
            .bytes();
    assertThat(new Decoded(Decoded.BOUNDS).feed(packet).packets)
        .containsExactly(
            "CONNECT MQTT 3.1.1 "
                + id
                + " clean "
                + keepAlive
                + "s will "
                + topic
                + " "
                + id
                + " qos"
                + qos
                + " retain user "
                + topic
                + " password "
                + id);
  }

  @Property
  void subscriptionsAreReadBack(
      @ForAll @Size(min = 1, max = 20) List<@net.jqwik.api.From("topics") String> filters,
      @ForAll @IntRange(max = 2) int qos,
      @ForAll @IntRange(min = 1, max = 65_535) int packetId) {
    String[] all = filters.toArray(String[]::new);
    assertThat(Decoded.connected().feed(Packets.subscribe(packetId, qos, all)).packets)
        .containsExactly(
            "SUBSCRIBE #" + packetId + filters.stream().map(f -> " " + f + ":" + qos).toList());
    assertThat(Decoded.connected().feed(Packets.unsubscribe(packetId, all)).packets)
        .containsExactly("UNSUBSCRIBE #" + packetId + filters);
  }

  @Property
  @net.jqwik.api.Tag("MQTT-2.2.2-1/311")
  void answersOfTheServerAreReadBack(
      @ForAll @IntRange(min = 1, max = 65_535) int packetId,
      @ForAll @Size(max = 300) List<@IntRange(max = 2) Integer> codes,
      @ForAll boolean present) {
    byte[] codeBytes = new byte[codes.size()];
    for (int i = 0; i < codeBytes.length; i++) {
      codeBytes[i] = codes.get(i).byteValue();
    }
    ByteBuf out = Unpooled.buffer();
    MqttEncoder.connAck(out, present, 0);
    for (PacketType type :
        List.of(PacketType.PUBACK, PacketType.PUBREC, PacketType.PUBREL, PacketType.PUBCOMP)) {
      MqttEncoder.ack(out, type, packetId);
    }
    int before = out.readableBytes();
    MqttEncoder.subAck(out, packetId, codeBytes);
    assertThat(out.readableBytes() - before)
        .isLessThanOrEqualTo(MqttEncoder.subAckBytes(codeBytes.length));
    MqttEncoder.unsubAck(out, packetId);
    MqttEncoder.pingResp(out);
    assertThat(ServerPackets.describe(bytes(out)))
        .containsExactly(
            "CONNACK 0" + (present ? " present" : ""),
            "PUBACK #" + packetId,
            "PUBREC #" + packetId,
            "PUBREL #" + packetId,
            "PUBCOMP #" + packetId,
            "SUBACK #" + packetId + " " + codes,
            "UNSUBACK #" + packetId,
            "PINGRESP");
  }

  // ---- whatever comes

  @Property(tries = 20_000)
  void randomBytesAreAPacketOrRefused(@ForAll @Size(max = 64) byte[] bytes) {
    survives(new Decoded(Decoded.BOUNDS), bytes);
    survives(Decoded.connected(), bytes);
  }

  @Property(tries = 20_000)
  void damagedPacketsAreAPacketOrRefused(@ForAll("damaged") byte[] bytes) {
    survives(new Decoded(Decoded.BOUNDS), bytes);
    survives(Decoded.connected(), bytes);
  }

  /**
   * Reads from the middle of a larger buffer whose other bytes must not matter: the decoder may
   * throw what is meant for a peer's mistakes, and must not read behind what is readable.
   */
  private static void survives(Decoded decoded, byte[] bytes) {
    ByteBuf room = Unpooled.buffer(bytes.length + 32).writeZero(16).writeBytes(bytes);
    ByteBuf readable = room.slice(16, bytes.length);
    try {
      decoded.feed(readable);
    } catch (MalformedPacketException refused) {
      assertThat(refused.reasonCode()).isGreaterThanOrEqualTo(0x80);
    }
    assertThat(readable.readerIndex()).isLessThanOrEqualTo(bytes.length);
  }

  @Test
  void aPacketOfManySmallPartsAllocatesInProportion() {
    String[] filters = new String[100_000];
    java.util.Arrays.fill(filters, "a");
    byte[] packet = Packets.packet(0x82, Packets.twoBytes(1), many(filters.length));
    var decoder = new MqttDecoder(Decoded.BOUNDS);
    var nothing = new Ignoring();
    decoder.read(Unpooled.wrappedBuffer(Packets.connect("c").bytes()), nothing);
    assertThat(allocated(() -> decoder.read(Unpooled.wrappedBuffer(packet), nothing)))
        .isLessThan(packet.length * ALLOCATED_PER_BYTE + ALLOCATED_AT_LEAST);
  }

  private static byte[] many(int filters) {
    byte[] all = new byte[filters * 4];
    for (int i = 0; i < all.length; i += 4) {
      all[i + 1] = 1;
      all[i + 2] = 'a';
    }
    return all;
  }

  @Test
  void aPartOfALargePacketAllocatesNothing() {
    byte[] beginning = {0x30, (byte) 0xFF, (byte) 0xFF, 0x7F, 0, 1, 'a'};
    var decoder = new MqttDecoder(Decoded.BOUNDS);
    var nothing = new Ignoring();
    decoder.read(Unpooled.wrappedBuffer(Packets.connect("c").bytes()), nothing);
    ByteBuf in = Unpooled.wrappedBuffer(beginning);
    assertThat(allocated(() -> decoder.read(in, nothing))).isLessThan(ALLOCATED_AT_LEAST);
  }

  private static long allocated(Runnable action) {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long id = Thread.currentThread().getId();
    long before = threads.getThreadAllocatedBytes(id);
    action.run();
    return threads.getThreadAllocatedBytes(id) - before;
  }

  /** Takes packets and forgets them. */
  private static final class Ignoring implements MqttDecoder.Sink {

    private final PublishView view = new PublishView();
    private @Nullable MqttVersion version;

    @Override
    public @Nullable MqttVersion version() {
      return version;
    }

    @Override
    public PublishView publishView() {
      return view;
    }

    @Override
    public void onPublish(PublishView publish) {}

    @Override
    public void onAck(PacketType type, int packetId) {}

    @Override
    public void onRejection(PacketType type, int packetId, int reasonCode, String why) {}

    @Override
    public void onPacket(MqttPacket packet) {
      if (packet instanceof MqttPacket.Connect connect) {
        version = connect.version();
      }
    }
  }

  @Provide
  Arbitrary<String> topics() {
    return Arbitraries.strings()
        .withCharRange(' ', '~')
        .withChars("äß☃/ \uFFFD")
        .excludeChars('+', '#')
        .ofMinLength(1)
        .ofMaxLength(300);
  }

  @Provide
  Arbitrary<byte[]> damaged() {
    return Combinators.combine(
            Arbitraries.of(VALID),
            Arbitraries.integers().greaterOrEqual(0),
            Arbitraries.bytes(),
            Arbitraries.of("replace", "cut", "insert", "double"))
        .as(CodecPropertiesTest::damage);
  }

  private static byte[] damage(byte[] packet, int where, byte value, String how) {
    int at = where % packet.length;
    return switch (how) {
      case "cut" -> java.util.Arrays.copyOf(packet, at);
      case "insert" ->
          Packets.join(
              java.util.Arrays.copyOf(packet, at),
              new byte[] {value},
              java.util.Arrays.copyOfRange(packet, at, packet.length));
      case "double" -> Packets.join(packet, java.util.Arrays.copyOf(packet, at));
      default -> {
        byte[] copy = packet.clone();
        copy[at] = value;
        yield copy;
      }
    };
  }

  private static byte[] bytes(ByteBuf out) {
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }
}
