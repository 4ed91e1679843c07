package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.PacketType.PUBREL;
import static io.carrick.mqtt.codec.Packets.PINGREQ;
import static io.carrick.mqtt.codec.Packets.ack;
import static io.carrick.mqtt.codec.Packets.connect;
import static io.carrick.mqtt.codec.Packets.dup;
import static io.carrick.mqtt.codec.Packets.field;
import static io.carrick.mqtt.codec.Packets.join;
import static io.carrick.mqtt.codec.Packets.packet;
import static io.carrick.mqtt.codec.Packets.publish;
import static io.carrick.mqtt.codec.Packets.string;
import static io.carrick.mqtt.codec.Packets.subscribe;
import static io.carrick.mqtt.codec.Packets.twoBytes;
import static io.carrick.mqtt.codec.Packets.unsubscribe;
import static io.carrick.mqtt.codec.Packets.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.carrick.testing.BrokerExtension;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Everything that MQTT 3.1.1 calls malformed or a violation, and its answer: a return code of
 * CONNACK where the standard has one, otherwise the end of the connection without a packet. For
 * version 5 see {@code MalformedPackets5Test}.
 */
class MalformedPacketsTest {

  /** What is no UTF-8: a surrogate, a form that is too long, a lone byte, half a character. */
  private static final List<byte[]> NO_TEXTS =
      List.of(
          new byte[] {'a', (byte) 0xED, (byte) 0xA0, (byte) 0x80},
          new byte[] {(byte) 0xC0, (byte) 0x80},
          new byte[] {'a', (byte) 0x80, 'b'},
          new byte[] {'a', (byte) 0xE2, (byte) 0x98},
          new byte[] {'a', 0, 'b'});

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort()).inTestThread();

  /** A CONNECT with just these fields, whatever its flags say. */
  private static byte[] connectOf(int flags, byte[]... fields) {
    return packet(0x10, string("MQTT"), new byte[] {4, (byte) flags}, twoBytes(60), join(fields));
  }

  private static Arguments row(String what, byte[] packet) {
    return arguments(what, packet, "");
  }

  private static Arguments row(String what, byte[] packet, String answer) {
    return arguments(what, packet, answer);
  }

  /** Rows of packets that have a text which is none in one place. */
  private static Stream<Arguments> noTexts(String what, Function<byte[], byte[]> packet) {
    return NO_TEXTS.stream().map(text -> row(what, packet.apply(field(text))));
  }

  // ---- before CONNACK

  static Stream<Arguments> flagsOfConnect() {
    return Stream.of(
        row("flags in the header [2.2.2-2]", connect("c").header(0x11).bytes()),
        row("the reserved flag [3.1.2-3]", connect("c").flags(0x03).bytes()),
        row("no will, but its QoS [3.1.2-13]", connect("c").flags(0x0A).bytes()),
        row("no will, but to be retained [3.1.2-15]", connect("c").flags(0x22).bytes()),
        row(
            "no will, but its fields [3.1.2-11]",
            connectOf(2, string("c"), string("w"), string("x"))),
        row("will QoS 3 [3.1.2-14]", connect("c").will("w", "x", 3, false).bytes()),
        row("a will without its fields [3.1.2-9]", connect("c").flags(0x06).bytes()),
        row("a will without its message [3.1.2-9]", connectOf(6, string("c"), string("w"))),
        row("a user name without its flag [3.1.2-18]", connectOf(2, string("c"), string("u"))),
        row("no user name with its flag [3.1.2-19]", connectOf(0x82, string("c"))),
        row(
            "a password without its flag [3.1.2-20]",
            connectOf(0x82, string("c"), string("u"), string("p"))),
        row("no password with its flag [3.1.2-21]", connectOf(0xC2, string("c"), string("u"))),
        row("a password without a user [3.1.2-22]", connect("c").password("p").bytes()));
  }

  static Stream<Arguments> otherConnects() {
    return Stream.of(
        row("another protocol [3.1.2-1]", connect("c").protocol("HTTP", 4).bytes()),
        row("the name in small letters [3.1.2-1]", connect("c").protocol("mqtt", 4).bytes()),
        row("an unknown level [3.1.2-2]", connect("c").protocol("MQTT", 6).bytes(), "CONNACK 1"),
        row("no id, and to be kept [3.1.3-8]", connect("").persistent().bytes(), "CONNACK 2"),
        row("an id too long [3.1.3-9]", connect("i".repeat(1_025)).bytes(), "CONNACK 2"),
        row(
            "a will for the broker's topics [3.1.4-2]",
            connect("c").will("$SYS/x", "x", 0, false).bytes(),
            "CONNACK 5"),
        row("no id at all [3.1.3-3]", connectOf(2)),
        row("no keep-alive", packet(0x10, string("MQTT"), new byte[] {4, 2})),
        row("an empty CONNECT", packet(0x10)),
        row("a wildcard in the will topic", connect("c").will("w/#", "x", 0, false).bytes()),
        row("an empty will topic [4.7.3-1]", connect("c").will("", "x", 0, false).bytes()),
        row("PUBLISH first [3.1.0-1]", publish("a", "x")),
        row("PINGREQ first [3.1.0-1]", PINGREQ),
        row("CONNACK first", packet(0x20, new byte[2])),
        row("packet type 0 first", packet(0x00)),
        row("a length of five bytes", new byte[] {0x10, -1, -1, -1, -1, 1}));
  }

  static Stream<Arguments> textsOfConnect() {
    return Stream.of(
            noTexts("the client id [3.1.3-4]", text -> connectOf(2, text)),
            noTexts(
                "the will topic [3.1.3-10]", text -> connectOf(6, string("c"), text, string("x"))),
            noTexts("the user name [3.1.3-11]", text -> connectOf(0x82, string("c"), text)))
        .flatMap(rows -> rows);
  }

  private void refusesAsFirst(byte[] packet, String answer) {
    TestClient other = TestClient.clean(broker, "other").subscribe("#", 0);

    TestClient wrong = TestClient.silent(broker).send(packet, publish("t", "behind"));

    assertThat(String.join("", wrong.received())).isEqualTo(answer); // and no other packet
    wrong.expectClosed();
    other.expectNothing(); // neither a will nor what came behind
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("flagsOfConnect")
  @Tag("MQTT-2.2.2-2/311")
  @Tag("MQTT-3.1.2-3/311")
  @Tag("MQTT-3.1.2-9/311")
  @Tag("MQTT-3.1.2-11/311")
  @Tag("MQTT-3.1.2-13/311")
  @Tag("MQTT-3.1.2-14/311")
  @Tag("MQTT-3.1.2-15/311")
  @Tag("MQTT-3.1.2-18/311")
  @Tag("MQTT-3.1.2-19/311")
  @Tag("MQTT-3.1.2-20/311")
  @Tag("MQTT-3.1.2-21/311")
  @Tag("MQTT-3.1.2-22/311")
  void aConnectWhoseFlagsContradictItIsRefused(String what, byte[] packet, String answer) {
    refusesAsFirst(packet, answer);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("otherConnects")
  @Tag("MQTT-3.1.0-1/311")
  @Tag("MQTT-3.1.2-1/311")
  @Tag("MQTT-3.1.2-2/311")
  @Tag("MQTT-3.1.3-3/311")
  @Tag("MQTT-3.1.3-8/311")
  @Tag("MQTT-3.1.3-9/311")
  @Tag("MQTT-3.1.4-1/311")
  @Tag("MQTT-3.1.4-5/311")
  @Tag("MQTT-3.2.2-4/311")
  @Tag("MQTT-3.2.2-5/311")
  @Tag("MQTT-3.2.2-6/311")
  void whatIsNoConnectOfOursIsRefusedAndNothingBehindItIsDone(
      String what, byte[] packet, String answer) {
    refusesAsFirst(packet, answer);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("textsOfConnect")
  @Tag("MQTT-1.5.3-1/311")
  @Tag("MQTT-1.5.3-2/311")
  @Tag("MQTT-3.1.3-4/311")
  @Tag("MQTT-3.1.3-10/311")
  @Tag("MQTT-3.1.3-11/311")
  void aConnectWithATextThatIsNoneIsRefused(String what, byte[] packet, String answer) {
    refusesAsFirst(packet, answer);
  }

  // ---- after CONNACK

  static Stream<Arguments> publishes() {
    return Stream.of(
        row("QoS 3 [3.3.1-4]", publish("a", "x", 3, 1)),
        row("DUP with QoS 0 [3.3.1-2]", dup(publish("a", "x"))),
        row("no topic [3.3.2-1]", packet(0x30)),
        row("half a topic [3.3.2-1]", packet(0x30, twoBytes(3), new byte[] {'a', 'b'})),
        row("an empty topic [4.7.3-1]", publish("", "x")),
        row("+ in a topic [3.3.2-2]", publish("a/+", "x")),
        row("# in a topic [3.3.2-2] [4.7.1-1]", publish("#", "x")),
        row("no identifier [2.3.1-1]", packet(0x32, string("a"))),
        row("identifier 0 at QoS 1 [2.3.1-1]", publish("a", "x", 1, 0)),
        row("identifier 0 at QoS 2 [2.3.1-1]", publish("a", "x", 2, 0)));
  }

  static Stream<Arguments> subscriptions() {
    return Stream.of(
        row(
            "SUBSCRIBE without its flag [3.8.1-1]",
            packet(0x80, twoBytes(1), string("a"), new byte[1])),
        row("SUBSCRIBE with another flag [3.8.1-1]", with(0x08, subscribe(1, 0, "a"))),
        row("SUBSCRIBE with identifier 0 [2.3.1-1]", subscribe(0, 0, "a")),
        row("SUBSCRIBE without a filter [3.8.3-3]", subscribe(1, 0)),
        row("SUBSCRIBE without a QoS [3.8.3-3]", packet(0x82, twoBytes(1), string("a"))),
        row("SUBSCRIBE with QoS 3 [3-8.3-4]", subscribe(1, 3, "a")),
        row("SUBSCRIBE with reserved bits [3-8.3-4]", subscribe(1, 0x04, "a")),
        row("SUBSCRIBE with an empty filter [4.7.3-1]", subscribe(1, 0, "")),
        row("# that is not last [4.7.1-2]", subscribe(1, 0, "a/#/b")),
        row("# in a level [4.7.1-2]", subscribe(1, 0, "a#")),
        row("+ in a level [4.7.1-3]", subscribe(1, 0, "a/b+/c")),
        row("UNSUBSCRIBE without its flag [3.10.1-1]", packet(0xA0, twoBytes(1), string("a"))),
        row("UNSUBSCRIBE with another flag [3.10.1-1]", with(0x01, unsubscribe(1, "a"))),
        row("UNSUBSCRIBE with identifier 0 [2.3.1-1]", unsubscribe(0, "a")),
        row("UNSUBSCRIBE without a filter [3.10.3-2]", unsubscribe(1)),
        row("UNSUBSCRIBE with an empty filter [4.7.3-1]", unsubscribe(1, "")));
  }

  static Stream<Arguments> others() {
    return Stream.of(
        row("a second CONNECT [3.1.0-2]", connect("c").bytes()),
        row("PUBACK with a flag [2.2.2-2]", with(0x01, ack(PUBACK, 1))),
        row("PUBACK without an identifier", packet(0x40)),
        row("PUBACK with a body", packet(0x40, new byte[] {0, 1, 0})),
        row("PUBREL with other flags [3.6.1-1]", packet(0x60, twoBytes(1))),
        row("PUBREL with one flag more [3.6.1-1]", with(0x01, ack(PUBREL, 1))),
        row("PINGREQ with a flag [2.2.2-2]", new byte[] {(byte) 0xC1, 0}),
        row("PINGREQ with a body", packet(0xC0, new byte[1])),
        row("DISCONNECT with a flag [3.14.1-1]", new byte[] {(byte) 0xE1, 0}),
        row("DISCONNECT with a body", packet(0xE0, new byte[1])),
        row("packet type 0", packet(0x00)),
        row("CONNACK", packet(0x20, new byte[2])),
        row("SUBACK", packet(0x90, new byte[] {0, 1, 0})),
        row("UNSUBACK", packet(0xB0, new byte[] {0, 1})),
        row("PINGRESP", packet(0xD0)),
        row("packet type 15", packet(0xF0)),
        row("a length of five bytes", new byte[] {0x30, -1, -1, -1, -1, 1}));
  }

  static Stream<Arguments> texts() {
    return Stream.of(
            noTexts("a topic [3.3.2-1] [4.7.3-2]", text -> packet(0x30, text)),
            noTexts(
                "a filter of SUBSCRIBE [3.8.3-1]",
                text -> packet(0x82, twoBytes(1), text, new byte[1])),
            noTexts("a filter of UNSUBSCRIBE [3.10.3-1]", text -> packet(0xA2, twoBytes(1), text)))
        .flatMap(rows -> rows);
  }

  private void closes(byte[] packet) {
    TestClient other = TestClient.clean(broker, "other").subscribe("#", 0);
    TestClient wrong =
        TestClient.connected(broker, connect("wrong").will("will", "gone", 0, false));

    wrong.send(packet, publish("t", "behind"));

    wrong.expect().expectClosed();
    other.expect("PUBLISH will gone"); // and nothing of the packet or behind it
    assertThat(broker.broker().metrics().value("packets.malformed{protocol=mqtt}")).isEqualTo(1);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("publishes")
  @Tag("MQTT-2.3.1-1/311")
  @Tag("MQTT-3.3.1-2/311")
  @Tag("MQTT-3.3.1-4/311")
  @Tag("MQTT-3.3.2-1/311")
  @Tag("MQTT-3.3.2-2/311")
  @Tag("MQTT-4.7.1-1/311")
  @Tag("MQTT-4.7.3-1/311")
  void aMalformedPublishEndsItsConnection(String what, byte[] packet) {
    closes(packet);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("subscriptions")
  @Tag("MQTT-2.3.1-1/311")
  @Tag("MQTT-3.8.1-1/311")
  @Tag("MQTT-3.8.3-3/311")
  @Tag("MQTT-3-8.3-4/311")
  @Tag("MQTT-3.10.1-1/311")
  @Tag("MQTT-3.10.3-2/311")
  @Tag("MQTT-4.7.1-2/311")
  @Tag("MQTT-4.7.1-3/311")
  @Tag("MQTT-4.7.3-1/311")
  void aMalformedSubscribeOrUnsubscribeEndsItsConnection(String what, byte[] packet) {
    closes(packet);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("others")
  @Tag("MQTT-2.2.2-2/311")
  @Tag("MQTT-3.1.0-2/311")
  @Tag("MQTT-3.6.1-1/311")
  @Tag("MQTT-3.14.1-1/311")
  @Tag("MQTT-4.8.0-1/311")
  void anyOtherMalformedPacketEndsItsConnection(String what, byte[] packet) {
    closes(packet);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("texts")
  @Tag("MQTT-1.5.3-1/311")
  @Tag("MQTT-1.5.3-2/311")
  @Tag("MQTT-3.3.2-1/311")
  @Tag("MQTT-3.8.3-1/311")
  @Tag("MQTT-3.10.3-1/311")
  @Tag("MQTT-4.7.3-2/311")
  void aTextThatIsNoneEndsItsConnection(String what, byte[] packet) {
    closes(packet);
  }
}
