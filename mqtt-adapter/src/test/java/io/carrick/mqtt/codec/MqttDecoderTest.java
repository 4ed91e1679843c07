package io.carrick.mqtt.codec;

import static io.carrick.mqtt.codec.Packets.ack;
import static io.carrick.mqtt.codec.Packets.connect;
import static io.carrick.mqtt.codec.Packets.dup;
import static io.carrick.mqtt.codec.Packets.field;
import static io.carrick.mqtt.codec.Packets.join;
import static io.carrick.mqtt.codec.Packets.packet;
import static io.carrick.mqtt.codec.Packets.publish;
import static io.carrick.mqtt.codec.Packets.retained;
import static io.carrick.mqtt.codec.Packets.string;
import static io.carrick.mqtt.codec.Packets.subscribe;
import static io.carrick.mqtt.codec.Packets.twoBytes;
import static io.carrick.mqtt.codec.Packets.unsubscribe;
import static io.carrick.mqtt.codec.Packets.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MqttDecoderTest {

  private static final String LONG_TEXT = "0123456789".repeat(30);

  // ---- what is right

  static Stream<Arguments> firstPackets() {
    return Stream.of(
        arguments(connect("c").bytes(), "CONNECT MQTT 3.1.1 c clean 60s"),
        arguments(connect("").persistent().keepAlive(0).bytes(), "CONNECT MQTT 3.1.1  0s"),
        arguments(
            connect("Zähler").keepAlive(65_535).bytes(), "CONNECT MQTT 3.1.1 Zähler clean 65535s"),
        arguments(
            connect("c").will("w/t", "gone", 2, true).user("ann").password("secret").bytes(),
            "CONNECT MQTT 3.1.1 c clean 60s will w/t gone qos2 retain user ann password secret"),
        arguments(
            connect("c").will("w", "", 0, false).user("").bytes(),
            "CONNECT MQTT 3.1.1 c clean 60s will w  qos0"),
        arguments(connect("c").protocol("MQIsdp", 3).bytes(), "CONNECT MQTT 3.1 c clean 60s"),
        arguments(connect("c").protocol("MQTT", 9).bytes(), "UnsupportedVersion"),
        arguments(connect("c").protocol("MQIsdp", 4).bytes(), "UnsupportedVersion"));
  }

  static Stream<Arguments> laterPackets() {
    return Stream.of(
        arguments(publish("a", ""), "PUBLISH a  qos0 #0"),
        arguments(publish("a/b/c", "21.5"), "PUBLISH a/b/c 21.5 qos0 #0"),
        arguments(retained(publish("/", "x")), "PUBLISH / x qos0 #0 retain"),
        arguments(publish("a/bé/☃", "y", 1, 1), "PUBLISH a/bé/☃ y qos1 #1"),
        arguments(dup(publish("a", "y", 2, 65_535)), "PUBLISH a y qos2 #65535 dup"),
        arguments(
            publish(LONG_TEXT, LONG_TEXT, 1, 7),
            "PUBLISH " + LONG_TEXT + " " + LONG_TEXT + " qos1 #7"),
        arguments(ack(PacketType.PUBACK, 1), "PUBACK #1"),
        arguments(ack(PacketType.PUBREC, 256), "PUBREC #256"),
        arguments(ack(PacketType.PUBREL, 65_535), "PUBREL #65535"),
        arguments(ack(PacketType.PUBCOMP, 77), "PUBCOMP #77"),
        arguments(
            subscribe(5, 1, "a/+/b", "#", "$SYS/#"), "SUBSCRIBE #5[ a/+/b:1,  #:1,  $SYS/#:1]"),
        arguments(subscribe(5, 2, LONG_TEXT), "SUBSCRIBE #5[ " + LONG_TEXT + ":2]"),
        arguments(unsubscribe(6, "+", "a//b"), "UNSUBSCRIBE #6[+, a//b]"),
        arguments(Packets.PINGREQ, "PingReq"),
        arguments(Packets.DISCONNECT, "Disconnect"));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("firstPackets")
  @Tag("MQTT-3.1.3-1/311")
  @Tag("MQTT-3.1.3-3/311")
  void theFirstPacketIsReadHoweverItIsSplit(byte[] packet, String words) {
    for (int at = 0; at <= packet.length; at++) {
      var decoded = new Decoded(Decoded.BOUNDS);
      feedInTwo(decoded, packet, at);
      assertThat(decoded.packets).as("split at %d", at).containsExactly(words);
    }
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("laterPackets")
  void aLaterPacketIsReadHoweverItIsSplit(byte[] packet, String words) {
    for (int at = 0; at <= packet.length; at++) {
      Decoded decoded = Decoded.connected();
      feedInTwo(decoded, packet, at);
      assertThat(decoded.packets).as("split at %d", at).containsExactly(words);
    }
  }

  /** Gives the first bytes, then all of them, as the transport presents what was left. */
  private static void feedInTwo(Decoded decoded, byte[] packet, int at) {
    ByteBuf first = Unpooled.wrappedBuffer(Arrays.copyOf(packet, at));
    decoded.feed(first);
    if (at < packet.length) {
      assertThat(decoded.packets).as("before the last byte").isEmpty();
      assertThat(first.readerIndex()).as("nothing is taken of a part").isZero();
      decoded.feed(packet);
    }
  }

  @Test
  void packetsBehindEachOtherAreReadInOrderByteForByte() {
    byte[] stream = join(laterPackets().map(a -> (byte[]) a.get()[0]).toArray(byte[][]::new));
    Object[] words = laterPackets().map(a -> a.get()[1]).toArray();
    Decoded decoded = Decoded.connected();
    ByteBuf in = Unpooled.buffer();
    for (byte b : stream) {
      in.writeByte(b);
      decoded.feed(in);
    }
    assertThat(decoded.packets).containsExactly(Arrays.copyOf(words, words.length, String[].class));
    assertThat(in.isReadable()).isFalse();
  }

  @Test
  void aRemainingLengthMayHaveMoreBytesThanItNeeds() {
    byte[] longLength = {(byte) 0xC0, (byte) 0x80, (byte) 0x80, (byte) 0x80, 0};
    assertThat(Decoded.connected().feed(longLength).packets).containsExactly("PingReq");
  }

  @Test
  void theLargestPacketIsReadAndOneByteMoreIsTooLarge() {
    var bounds = new PacketBounds(100, 10, 40);
    String payload = "p".repeat(100);
    assertThat(Decoded.connected(bounds).feed(publish("0123456789", payload)).packets)
        .containsExactly("PUBLISH 0123456789 " + payload + " qos0 #0");
    assertThat(reason(bounds, publish("0123456789", payload + "p"))).isEqualTo(0x95);
    assertThat(reason(bounds, publish("0123456789a", payload))).isEqualTo(0x81);
    assertThat(reason(bounds, subscribe(1, 0, "0123456789a"))).isEqualTo(0x81);
    assertThat(Decoded.connected(bounds).feed(subscribe(1, 0, "0123456789", "0123456789")).packets)
        .hasSize(1);
    assertThat(reason(bounds, subscribe(1, 0, "0123456789", "0123456789", "0123456789")))
        .isEqualTo(0x95);
  }

  // ---- MQTT 3.1

  @Test
  void mqtt31DoesNotReserveTheFlagsOfConnect() {
    byte[] connect = connect("c").protocol("MQIsdp", 3).header(0x14).flags(0x03).bytes();
    assertThat(new Decoded(Decoded.BOUNDS).feed(connect).packets)
        .containsExactly("CONNECT MQTT 3.1 c clean 60s");
  }

  @Test
  void mqtt31LetsDupStandInWhateverIsSentAgain() {
    var decoded = new Decoded(Decoded.BOUNDS).feed(connect("c").protocol("MQIsdp", 3).bytes());
    decoded.packets.clear();
    decoded.feed(with(0x08, subscribe(1, 1, "a")));
    decoded.feed(with(0x08, unsubscribe(2, "a")));
    decoded.feed(with(0x08, ack(PacketType.PUBREL, 3)));
    decoded.feed(with(0x08, publish("a", "x")));
    assertThat(decoded.packets)
        .containsExactly(
            "SUBSCRIBE #1[ a:1]", "UNSUBSCRIBE #2[a]", "PUBREL #3", "PUBLISH a x qos0 #0 dup");
  }

  // ---- what is wrong

  static Stream<Arguments> malformedFirstPackets() {
    return Stream.of(
        wrong("another protocol [MQTT-3.1.2-1]", connect("c").protocol("HTTP", 4).bytes()),
        wrong("a header flag [MQTT-2.2.2-2]", connect("c").header(0x11).bytes()),
        wrong("the reserved flag [MQTT-3.1.2-3]", connect("c").flags(0x03).bytes()),
        wrong("will QoS without a will [MQTT-3.1.2-13]", connect("c").flags(0x0A).bytes()),
        wrong("will retain without a will [MQTT-3.1.2-15]", connect("c").flags(0x22).bytes()),
        wrong("will QoS 3 [MQTT-3.1.2-14]", connect("c").will("w", "x", 3, false).bytes()),
        wrong("a will without its fields [MQTT-3.1.2-9]", connect("c").flags(0x06).bytes()),
        wrong("a wildcard in the will topic", connect("c").will("w/#", "x", 0, false).bytes()),
        wrong("an empty will topic [MQTT-4.7.3-1]", connect("c").will("", "x", 0, false).bytes()),
        wrong("a password without a user [MQTT-3.1.2-22]", connect("c").password("p").bytes()),
        wrong("a user that is missing [MQTT-3.1.2-19]", connect("c").flags(0x82).bytes()),
        wrong("bytes left over", connect("c").password("p").flags(0x02).bytes()),
        wrong("a control character in the client id", connect("a\u0001").bytes()),
        wrong("a control character in the user name", connect("a").user("\u0085").bytes()),
        wrong("nothing but a protocol name", packet(0x10, string("MQTT"))),
        wrong("no keep alive", packet(0x10, string("MQTT"), new byte[] {4, 2, 0})),
        wrong("an empty packet", packet(0x10)));
  }

  static Stream<Arguments> malformedPackets() {
    return Stream.of(
        wrong("QoS 3 [MQTT-3.3.1-4]", publish("a", "x", 3, 1)),
        wrong("DUP with QoS 0 [MQTT-3.3.1-2]", dup(publish("a", "x"))),
        wrong("no topic", packet(0x30)),
        wrong("half a topic length", packet(0x30, new byte[] {0})),
        wrong("an empty topic [MQTT-4.7.3-1]", publish("", "x")),
        wrong("a topic beyond the packet", packet(0x30, twoBytes(3), new byte[] {'a', 'b'})),
        wrong("a wildcard + [MQTT-3.3.2-2]", publish("a/+", "x")),
        wrong("a wildcard # [MQTT-3.3.2-2]", publish("#", "x")),
        wrong("a wildcard behind é [MQTT-3.3.2-2]", publish("é/#", "x")),
        wrong("U+0000 in a topic [MQTT-1.5.3-2]", publish("a\u0000b", "x")),
        wrong("U+001F in a topic", publish("a/long/enough/\u001F", "x")),
        wrong("U+007F in a topic", publish("a\u007F", "x")),
        wrong("U+009F in a topic", publish("a\u009F", "x")),
        wrong("no packet identifier", packet(0x32, string("a"))),
        wrong("half a packet identifier", packet(0x32, string("a"), new byte[] {1})),
        wrong("packet identifier 0 [MQTT-2.3.1-1]", publish("a", "x", 1, 0)),
        wrong("PUBACK of 0", ack(PacketType.PUBACK, 0)),
        wrong("PUBACK without its identifier", packet(0x40)),
        wrong("PUBACK that is too long", packet(0x40, new byte[3])),
        wrong("PUBACK with a flag [MQTT-2.2.2-2]", with(0x01, ack(PacketType.PUBACK, 1))),
        wrong("PUBREL without its flag [MQTT-3.6.1-1]", packet(0x60, twoBytes(1))),
        wrong("SUBSCRIBE without its flag [MQTT-3.8.1-1]", packet(0x80, twoBytes(1))),
        wrong("SUBSCRIBE with DUP [MQTT-3.8.1-1]", with(0x08, subscribe(1, 0, "a"))),
        wrong("SUBSCRIBE without a filter [MQTT-3.8.3-3]", subscribe(1, 0)),
        wrong("SUBSCRIBE with QoS 3 [MQTT-3-8.3-4]", subscribe(1, 3, "a")),
        wrong("SUBSCRIBE with reserved bits [MQTT-3-8.3-4]", subscribe(1, 0x40, "a")),
        wrong("SUBSCRIBE without QoS", packet(0x82, twoBytes(1), string("a"))),
        wrong("SUBSCRIBE with an empty filter [MQTT-4.7.3-1]", subscribe(1, 0, "")),
        wrong("SUBSCRIBE with identifier 0 [MQTT-2.3.1-1]", subscribe(0, 0, "a")),
        wrong("# that is not last [MQTT-4.7.1-2]", subscribe(1, 0, "a/#/b")),
        wrong("# in a level [MQTT-4.7.1-2]", subscribe(1, 0, "a#")),
        wrong("+ in a level [MQTT-4.7.1-3]", subscribe(1, 0, "a/b+/c")),
        wrong("two wildcards in a level", subscribe(1, 0, "++")),
        wrong("UNSUBSCRIBE without a filter [MQTT-3.10.3-2]", unsubscribe(1)),
        wrong("UNSUBSCRIBE with a wrong filter", unsubscribe(1, "a#")),
        wrong("PINGREQ with a body", packet(0xC0, new byte[1])),
        wrong("PINGREQ with a flag", new byte[] {(byte) 0xC1, 0}),
        wrong("DISCONNECT with a flag [MQTT-3.14.1-1]", new byte[] {(byte) 0xE1, 0}),
        wrong("packet type 0", packet(0x00)),
        wrong("CONNACK", packet(0x20, new byte[2])),
        wrong("SUBACK", packet(0x90, new byte[3])),
        wrong("UNSUBACK", packet(0xB0, new byte[2])),
        wrong("PINGRESP", packet(0xD0)),
        wrong("AUTH", packet(0xF0)));
  }

  private static Arguments wrong(String name, byte[] packet) {
    return arguments(name, packet);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformedFirstPackets")
  @Tag("MQTT-2.2.2-2/311")
  @Tag("MQTT-3.1.2-3/311")
  @Tag("MQTT-3.1.2-9/311")
  @Tag("MQTT-3.1.2-13/311")
  @Tag("MQTT-3.1.2-14/311")
  @Tag("MQTT-3.1.2-15/311")
  @Tag("MQTT-3.1.2-19/311")
  @Tag("MQTT-3.1.2-22/311")
  void aMalformedConnectIsRefused(String name, byte[] packet) {
    assertThatThrownBy(() -> new Decoded(Decoded.BOUNDS).feed(packet))
        .isInstanceOf(MalformedPacketException.class);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformedPackets")
  @Tag("MQTT-2.2.2-2/311")
  @Tag("MQTT-2.3.1-1/311")
  @Tag("MQTT-3.3.1-4/311")
  @Tag("MQTT-3.3.2-2/311")
  @Tag("MQTT-3.6.1-1/311")
  @Tag("MQTT-3.8.1-1/311")
  @Tag("MQTT-3.8.3-3/311")
  @Tag("MQTT-3.10.3-2/311")
  @Tag("MQTT-3.14.1-1/311")
  @Tag("MQTT-4.7.1-1/311")
  @Tag("MQTT-4.7.1-2/311")
  @Tag("MQTT-4.7.1-3/311")
  @Tag("MQTT-4.7.3-1/311")
  void aMalformedPacketIsRefused(String name, byte[] packet) {
    assertThat(reason(Decoded.BOUNDS, packet)).isEqualTo(ReasonCode.MALFORMED_PACKET);
  }

  @Test
  void aMalformedPacketCarriesNoStackTrace() {
    var thrown =
        catchThrowableOfType(
            MalformedPacketException.class, () -> Decoded.connected().feed(packet(0xF0)));
    assertThat(thrown.getStackTrace()).isEmpty();
  }

  @Test
  @Tag("MQTT-3.1.0-1/311")
  @Tag("MQTT-3.1.0-2/311")
  void nothingComesBeforeConnectAndNoSecondOne() {
    var before = new Decoded(Decoded.BOUNDS);
    assertThat(
            catchThrowableOfType(
                    MalformedPacketException.class, () -> before.feed(publish("a", "x")))
                .reasonCode())
        .isEqualTo(ReasonCode.PROTOCOL_ERROR); // [MQTT-3.1.0-1]
    assertThat(reason(Decoded.BOUNDS, connect("c").bytes()))
        .isEqualTo(ReasonCode.PROTOCOL_ERROR); // [MQTT-3.1.0-2]
  }

  @Test
  void aRemainingLengthOfFiveBytesIsRefusedAtItsFourth() {
    byte[] fourMore = {0x30, (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80};
    assertThat(reason(Decoded.BOUNDS, fourMore)).isEqualTo(ReasonCode.MALFORMED_PACKET);
  }

  // ---- what is told from the header alone

  @Test
  void aHeaderThatPromisesTooMuchIsRefusedBeforeItsPacketComes() {
    byte[] most = {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x7F};
    assertThat(reason(Decoded.BOUNDS, join(new byte[] {0x30}, most))).isEqualTo(0x95);
    assertThat(reason(Decoded.BOUNDS, join(new byte[] {(byte) 0x82}, most))).isEqualTo(0x95);
    assertThat(reason(Decoded.BOUNDS, join(new byte[] {0x40}, most))).isEqualTo(0x81);
    assertThat(reason(Decoded.BOUNDS, new byte[] {(byte) 0xF0, 0x05})).isEqualTo(0x81);
    assertThatThrownBy(() -> new Decoded(Decoded.BOUNDS).feed(join(new byte[] {0x10}, most)))
        .isInstanceOf(MalformedPacketException.class);
    assertThatThrownBy(() -> new Decoded(Decoded.BOUNDS).feed(new byte[] {0x30, 0x7F}))
        .isInstanceOf(MalformedPacketException.class);
  }

  @Test
  void aTypeThatMayNotBeSentIsRefusedBeforeItsLengthHasCome() {
    byte[] reserved = {0x0A, (byte) 0xC0};
    assertThat(reason(Decoded.BOUNDS, reserved)).isEqualTo(ReasonCode.MALFORMED_PACKET);
    assertThatThrownBy(
            () -> new Decoded(Decoded.BOUNDS).feed(new byte[] {(byte) 0xC0, (byte) 0x80}))
        .isInstanceOf(MalformedPacketException.class); // [MQTT-3.1.0-1]
  }

  @Test
  void theLongestConnectThatMqttKnowsIsRead() {
    String most = "x".repeat(65_535);
    byte[] packet = connect(most).will(most, most, 1, true).user(most).password(most).bytes();
    assertThat(new Decoded(Decoded.BOUNDS).feed(packet).packets).hasSize(1);
  }

  @Test
  void whatLiesBehindThePacketIsNotReadWhateverItsFieldsSay() {
    byte[] liar = packet(0x82, twoBytes(1), twoBytes(6), new byte[] {'a'});
    assertThat(reason(Decoded.BOUNDS, join(liar, field(new byte[20]))))
        .isEqualTo(ReasonCode.MALFORMED_PACKET);
  }

  private static int reason(PacketBounds bounds, byte[] packet) {
    Decoded decoded = Decoded.connected(bounds);
    return catchThrowableOfType(MalformedPacketException.class, () -> decoded.feed(packet))
        .reasonCode();
  }
}
