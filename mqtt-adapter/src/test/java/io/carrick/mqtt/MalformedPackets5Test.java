package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.PacketType.PUBCOMP;
import static io.carrick.mqtt.codec.PacketType.PUBREC;
import static io.carrick.mqtt.codec.PacketType.PUBREL;
import static io.carrick.mqtt.codec.Packets.PINGREQ;
import static io.carrick.mqtt.codec.Packets.dup;
import static io.carrick.mqtt.codec.Packets.field;
import static io.carrick.mqtt.codec.Packets.join;
import static io.carrick.mqtt.codec.Packets.packet;
import static io.carrick.mqtt.codec.Packets.string;
import static io.carrick.mqtt.codec.Packets.twoBytes;
import static io.carrick.mqtt.codec.Packets.with;
import static io.carrick.mqtt.codec.Packets5.ack;
import static io.carrick.mqtt.codec.Packets5.auth;
import static io.carrick.mqtt.codec.Packets5.connect;
import static io.carrick.mqtt.codec.Packets5.connectOf;
import static io.carrick.mqtt.codec.Packets5.disconnect;
import static io.carrick.mqtt.codec.Packets5.publish;
import static io.carrick.mqtt.codec.Packets5.section;
import static io.carrick.mqtt.codec.Packets5.subscribe;
import static io.carrick.mqtt.codec.Packets5.unsubscribe;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.carrick.mqtt.codec.Packets;
import io.carrick.mqtt.codec.Packets5;
import io.carrick.mqtt.codec.Packets5.Properties5;
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
 * Everything that MQTT 5 calls malformed or a protocol error, and its answer: CONNACK with the
 * reason before a client is let in, DISCONNECT with it afterwards, then the end (§4.13).
 */
class MalformedPackets5Test {

  private static final String MALFORMED = "0x81";
  private static final String PROTOCOL_ERROR = "0x82";

  /** What is no UTF-8: a surrogate, a form that is too long, a lone byte, half a character. */
  private static final List<byte[]> NO_TEXTS =
      List.of(
          new byte[] {'a', (byte) 0xED, (byte) 0xA0, (byte) 0x80},
          new byte[] {(byte) 0xC0, (byte) 0x80},
          new byte[] {'a', (byte) 0x80, 'b'},
          new byte[] {'a', (byte) 0xE2, (byte) 0x98},
          new byte[] {'a', 0, 'b'});

  private static final byte[][] NONE = {};

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort()).inTestThread();

  private static Arguments row(String what, String reason, byte[] packet) {
    return arguments(what, reason, packet);
  }

  private static Stream<Arguments> noTexts(String what, Function<byte[], byte[]> packet) {
    return NO_TEXTS.stream().map(text -> row(what, MALFORMED, packet.apply(field(text))));
  }

  // ---- before CONNACK

  static Stream<Arguments> flagsOfConnect() {
    byte[] id = string("c");
    byte[] w = string("w");
    return Stream.of(
        row("flags in the header", MALFORMED, with(0x01, connect("c").bytes())),
        row("the reserved flag", MALFORMED, connect("c").flags(0x03).bytes()),
        row("no will, but its QoS", MALFORMED, connect("c").flags(0x0A).bytes()),
        row("no will, but to be retained", MALFORMED, connect("c").flags(0x22).bytes()),
        row("no will, but its fields", MALFORMED, connectOf(2, NONE, id, section(), w, w)),
        row("will QoS 3", MALFORMED, connect("c").will("w", "x", 3, false).bytes()),
        row("a will without its fields", MALFORMED, connectOf(6, NONE, id)),
        row("a will without a message", MALFORMED, connectOf(6, NONE, id, section(), w)),
        row("a user name without its flag", MALFORMED, connectOf(2, NONE, id, w)),
        row("no user name with its flag", MALFORMED, connectOf(0x82, NONE, id)),
        row("a password without its flag", MALFORMED, connectOf(0x82, NONE, id, w, w)),
        row("no password with its flag", MALFORMED, connectOf(0xC2, NONE, id, w)),
        row("no id", MALFORMED, connectOf(2, NONE)),
        row(
            "no properties",
            MALFORMED,
            packet(0x10, string("MQTT"), new byte[] {5, 2}, twoBytes(60))),
        row("an id that is not taken", "0x85", connect("i".repeat(1_025)).bytes()),
        row(
            "a will where the broker speaks",
            "0x90",
            connect("c").will("$SYS/x", "x", 0, false).bytes()),
        row("an unknown method", "0x8C", connect("c").with(Properties5.authMethod("X")).bytes()));
  }

  static Stream<Arguments> textsOfConnect() {
    byte[] id = string("c");
    byte[] w = string("w");
    return Stream.of(
            noTexts("the client id", text -> connectOf(2, NONE, text)),
            noTexts("the will topic", text -> connectOf(6, NONE, id, section(), text, w)),
            noTexts("the user name", text -> connectOf(0x82, NONE, id, text)),
            noTexts("the method", text -> connectOf(2, new byte[][] {{0x15}, text}, id)),
            noTexts(
                "the key of a user property",
                text -> connectOf(2, new byte[][] {{0x26}, text, w}, id)),
            noTexts(
                "the value of a user property",
                text -> connectOf(2, new byte[][] {{0x26}, w, text}, id)))
        .flatMap(rows -> rows);
  }

  private static Arguments twiceInConnect(String what, byte[] property) {
    return row(what + " twice", PROTOCOL_ERROR, connect("c").with(property, property).bytes());
  }

  private static Arguments twiceInWill(String what, byte[] property) {
    return row(
        what + " of a will twice",
        PROTOCOL_ERROR,
        connect("c").will("w", "x", 0, false, property, property).bytes());
  }

  static Stream<Arguments> propertiesOfConnect() {
    byte[] method = Properties5.authMethod("X");
    byte[] data = Properties5.authData("x");
    return Stream.of(
        twiceInConnect("session expiry", Properties5.sessionExpiry(1)),
        twiceInConnect("receive maximum", Properties5.receiveMaximum(1)),
        twiceInConnect("maximum packet size", Properties5.maximumPacketSize(1)),
        twiceInConnect("topic alias maximum", Properties5.topicAliasMaximum(1)),
        twiceInConnect("response information", Properties5.requestResponse(1)),
        twiceInConnect("problem information", Properties5.requestProblem(1)),
        twiceInConnect("the method", method),
        row("data twice", PROTOCOL_ERROR, connect("c").with(method, data, data).bytes()),
        row("data without a method", PROTOCOL_ERROR, connect("c").with(data).bytes()),
        row(
            "receive maximum 0",
            PROTOCOL_ERROR,
            connect("c").with(Properties5.receiveMaximum(0)).bytes()),
        row(
            "maximum packet size 0",
            PROTOCOL_ERROR,
            connect("c").with(Properties5.maximumPacketSize(0)).bytes()),
        row(
            "response information 2",
            PROTOCOL_ERROR,
            connect("c").with(Properties5.requestResponse(2)).bytes()),
        row(
            "problem information 2",
            PROTOCOL_ERROR,
            connect("c").with(Properties5.requestProblem(2)).bytes()),
        twiceInWill("delay", Properties5.willDelay(1)),
        twiceInWill("payload format", Properties5.payloadFormat(0)),
        twiceInWill("message expiry", Properties5.messageExpiry(1)),
        twiceInWill("content type", Properties5.contentType("x")),
        twiceInWill("response topic", Properties5.responseTopic("x")),
        twiceInWill("correlation data", Properties5.correlation("x")),
        row(
            "another packet's property",
            MALFORMED,
            connect("c").with(Properties5.topicAlias(1)).bytes()),
        row(
            "another packet's property in a will",
            MALFORMED,
            connect("c").will("w", "x", 0, false, Properties5.topicAlias(1)).bytes()),
        row("an unknown property", MALFORMED, connect("c").with(Properties5.one(0x7F, 1)).bytes()),
        row("half a property", MALFORMED, connectOf(2, new byte[][] {{0x11, 0}}, string("c"))),
        row(
            "properties that are longer than the packet",
            MALFORMED,
            packet(0x10, string("MQTT"), new byte[] {5, 2, 0, 60, 100}, string("c"))),
        row(
            "a length with a byte that it does not need",
            MALFORMED,
            packet(0x10, string("MQTT"), new byte[] {5, 2, 0, 60, (byte) 0x80, 0}, string("c"))));
  }

  private void refusesAsFirst(String reason, byte[] packet) {
    TestClient other = Version.MQTT_5.clean(broker, "other").subscribe("#", 0);

    TestClient wrong = Version.MQTT_5.silent(broker).send(packet, publish("t", "behind"));

    wrong.expect("CONNACK " + reason).expectClosed(); // and no DISCONNECT [MQTT-3.14.0-1]
    other.expectNothing(); // neither a will nor what came behind
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("flagsOfConnect")
  @Tag("MQTT-2.1.3-1/5")
  @Tag("MQTT-3.1.2-3/5")
  @Tag("MQTT-3.1.2-9/5")
  @Tag("MQTT-3.1.2-11/5")
  @Tag("MQTT-3.1.2-12/5")
  @Tag("MQTT-3.1.2-13/5")
  @Tag("MQTT-3.1.2-16/5")
  @Tag("MQTT-3.1.2-17/5")
  @Tag("MQTT-3.1.2-18/5")
  @Tag("MQTT-3.1.2-19/5")
  @Tag("MQTT-3.1.3-3/5")
  @Tag("MQTT-3.1.3-8/5")
  @Tag("MQTT-3.1.4-1/5")
  @Tag("MQTT-3.1.4-6/5")
  @Tag("MQTT-3.2.2-6/5")
  @Tag("MQTT-3.2.2-7/5")
  @Tag("MQTT-3.2.2-8/5")
  @Tag("MQTT-3.14.0-1/5")
  @Tag("MQTT-4.12.0-1/5")
  @Tag("MQTT-4.13.1-1/5")
  @Tag("MQTT-4.13.2-1/5")
  void aConnectThatIsNotOneIsRefusedWithItsReason(String what, String reason, byte[] packet) {
    refusesAsFirst(reason, packet);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("textsOfConnect")
  @Tag("MQTT-1.5.4-1/5")
  @Tag("MQTT-1.5.4-2/5")
  @Tag("MQTT-1.5.7-1/5")
  @Tag("MQTT-3.1.3-4/5")
  @Tag("MQTT-3.1.3-11/5")
  @Tag("MQTT-3.1.3-12/5")
  void aConnectWithATextThatIsNoneIsRefused(String what, String reason, byte[] packet) {
    refusesAsFirst(reason, packet);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("propertiesOfConnect")
  @Tag("MQTT-1.5.5-1/5")
  @Tag("MQTT-3.1.4-1/5")
  @Tag("MQTT-4.13.1-1/5")
  void aConnectWithPropertiesThatMayNotBeIsRefused(String what, String reason, byte[] packet) {
    refusesAsFirst(reason, packet);
  }

  static Stream<Arguments> noVersions() {
    return Stream.of(
        arguments("PUBLISH first", publish("a", "x")),
        arguments("PINGREQ first", PINGREQ),
        arguments("DISCONNECT first", disconnect(0)),
        arguments("AUTH first", auth(0x18, Properties5.authMethod("X"))),
        arguments("packet type 0", packet(0x00)),
        arguments("an empty CONNECT", packet(0x10)),
        arguments("another protocol", packet(0x10, string("HTTP"), new byte[] {5, 2, 0, 60, 0})));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("noVersions")
  @Tag("MQTT-3.1.0-1/5")
  @Tag("MQTT-3.1.2-1/5")
  @Tag("MQTT-3.14.0-1/5")
  void whatNamesNoVersionIsClosedWithoutAWord(String what, byte[] packet) {
    Version.MQTT_5.silent(broker).send(packet).expect().expectClosed();
  }

  // ---- after CONNACK

  private static Arguments twiceInPublish(String what, byte[] property) {
    return row(what + " twice", PROTOCOL_ERROR, publish("a", "x", property, property));
  }

  static Stream<Arguments> publishes() {
    return Stream.of(
        row("QoS 3", MALFORMED, publish("a", "x", 3, 1)),
        row("DUP with QoS 0", MALFORMED, dup(publish("a", "x"))),
        row("no topic", MALFORMED, packet(0x30)),
        row("half a topic", MALFORMED, packet(0x30, twoBytes(3), new byte[] {'a', 'b'})),
        row("no properties", MALFORMED, packet(0x30, string("a"))),
        row("properties beyond the packet", MALFORMED, packet(0x30, string("a"), new byte[] {9})),
        row(
            "a length with a byte that it does not need",
            MALFORMED,
            packet(0x30, string("a"), new byte[] {(byte) 0x80, 0})),
        row(
            "a remaining length with a byte that it does not need",
            MALFORMED,
            new byte[] {0x30, (byte) 0x84, 0, 0, 1, 'a', 0}),
        row("an empty topic and no alias", PROTOCOL_ERROR, publish("", "x")),
        row("+ in a topic", MALFORMED, publish("a/+", "x")),
        row("# in a topic", MALFORMED, publish("#", "x")),
        row("no identifier", MALFORMED, packet(0x32, string("a"))),
        row("identifier 0 at QoS 1", MALFORMED, publish("a", "x", 1, 0)),
        row("identifier 0 at QoS 2", MALFORMED, publish("a", "x", 2, 0)),
        row("alias 0", "0x94", publish("a", "x", Properties5.topicAlias(0))),
        row(
            "an alias above our maximum",
            "0x94",
            publish("a", "x", Properties5.topicAlias(65_535))),
        row("an alias for nothing", PROTOCOL_ERROR, publish("", "x", Properties5.topicAlias(1))),
        row(
            "a subscription identifier",
            PROTOCOL_ERROR,
            publish("a", "x", Properties5.subscriptionId(1))),
        row(
            "+ in a response topic",
            PROTOCOL_ERROR,
            publish("a", "x", Properties5.responseTopic("+"))),
        row("another packet's property", MALFORMED, publish("a", "x", Properties5.willDelay(1))),
        row("an unknown property", MALFORMED, publish("a", "x", Properties5.one(0x00, 1))),
        row("half a property", MALFORMED, publish("a", "x", new byte[] {0x02, 0})),
        twiceInPublish("payload format", Properties5.payloadFormat(1)),
        twiceInPublish("message expiry", Properties5.messageExpiry(1)),
        twiceInPublish("topic alias", Properties5.topicAlias(1)),
        twiceInPublish("response topic", Properties5.responseTopic("x")),
        twiceInPublish("correlation data", Properties5.correlation("x")),
        twiceInPublish("content type", Properties5.contentType("x")));
  }

  static Stream<Arguments> subscriptions() {
    byte[] one = Properties5.subscriptionId(1);
    return Stream.of(
        row(
            "SUBSCRIBE without its flag",
            MALFORMED,
            packet(0x80, twoBytes(1), section(), string("a"), new byte[1])),
        row("SUBSCRIBE with another flag", MALFORMED, with(0x08, subscribe(1, 0, "a"))),
        row("SUBSCRIBE with identifier 0", MALFORMED, subscribe(0, 0, "a")),
        row("SUBSCRIBE without a filter", PROTOCOL_ERROR, subscribe(1, 0)),
        row(
            "SUBSCRIBE without options",
            MALFORMED,
            packet(0x82, twoBytes(1), section(), string("a"))),
        row("QoS 3", PROTOCOL_ERROR, subscribe(1, 3, "a")),
        row("retain handling 3", PROTOCOL_ERROR, subscribe(1, 0x30, "a")),
        row("a reserved option", MALFORMED, subscribe(1, 0x40, "a")),
        row("the other reserved option", MALFORMED, subscribe(1, 0x80, "a")),
        row("No Local with a share", PROTOCOL_ERROR, subscribe(1, 0x04, "$share/g/a")),
        row(
            "subscription identifier 0",
            PROTOCOL_ERROR,
            subscribe(1, Properties5.subscriptionId(0), "a", 0)),
        row("subscription identifier twice", PROTOCOL_ERROR, subscribe(1, join(one, one), "a", 0)),
        row(
            "a subscription identifier with a byte that it does not need",
            MALFORMED,
            subscribe(1, new byte[] {0x0B, (byte) 0x81, 0}, "a", 0)),
        row(
            "another packet's property",
            MALFORMED,
            subscribe(1, Properties5.topicAlias(1), "a", 0)),
        row(
            "UNSUBSCRIBE without its flag",
            MALFORMED,
            packet(0xA0, twoBytes(1), section(), string("a"))),
        row("UNSUBSCRIBE with another flag", MALFORMED, with(0x01, unsubscribe(1, "a"))),
        row("UNSUBSCRIBE with identifier 0", MALFORMED, unsubscribe(0, "a")),
        row("UNSUBSCRIBE without a filter", PROTOCOL_ERROR, unsubscribe(1)),
        row(
            "UNSUBSCRIBE with a subscription identifier",
            MALFORMED,
            packet(0xA2, twoBytes(1), section(one), string("a"))));
  }

  static Stream<Arguments> filters() {
    return Stream.of("", "a/#/b", "a#", "a/b+/c", "++")
        .flatMap(
            filter ->
                Stream.of(
                    arguments("SUBSCRIBE " + filter, subscribe(1, 0, filter)),
                    arguments("UNSUBSCRIBE " + filter, unsubscribe(1, filter))));
  }

  private static Arguments reasonTwice(String what, Function<byte[][], byte[]> packet) {
    byte[] reason = Properties5.reasonString("x");
    return row(
        what + " with two reasons", PROTOCOL_ERROR, packet.apply(new byte[][] {reason, reason}));
  }

  static Stream<Arguments> others() {
    return Stream.of(
        row("a second CONNECT", PROTOCOL_ERROR, connect("c").bytes()),
        row("a second CONNECT of version 3", PROTOCOL_ERROR, Packets.connect("c").bytes()),
        row("PUBACK with a flag", MALFORMED, with(0x01, Packets.ack(PUBACK, 1))),
        row("PUBACK without an identifier", MALFORMED, packet(0x40)),
        row("PUBACK with a code of another", PROTOCOL_ERROR, ack(PUBACK, 1, 0x92)),
        row("PUBREC with a code of another", PROTOCOL_ERROR, ack(PUBREC, 1, 0x92)),
        row("PUBREL with a code of another", PROTOCOL_ERROR, ack(PUBREL, 1, 0x10)),
        row("PUBCOMP with a code of another", PROTOCOL_ERROR, ack(PUBCOMP, 1, 0x97)),
        reasonTwice("PUBACK", reasons -> ack(PUBACK, 1, 0, reasons)),
        reasonTwice("PUBREC", reasons -> ack(PUBREC, 1, 0, reasons)),
        reasonTwice("PUBREL", reasons -> ack(PUBREL, 1, 0, reasons)),
        reasonTwice("PUBCOMP", reasons -> ack(PUBCOMP, 1, 0, reasons)),
        row("PUBACK with bytes behind it", MALFORMED, packet(0x40, new byte[] {0, 1, 0, 0, 0})),
        row("PUBREL with other flags", MALFORMED, packet(0x60, twoBytes(1))),
        row("PUBREL with one flag more", MALFORMED, with(0x01, Packets.ack(PUBREL, 1))),
        row("PINGREQ with a flag", MALFORMED, new byte[] {(byte) 0xC1, 0}),
        row("PINGREQ with a body", MALFORMED, packet(0xC0, new byte[1])),
        row("DISCONNECT with a flag", MALFORMED, new byte[] {(byte) 0xE1, 0}),
        row("DISCONNECT with a code of the server", PROTOCOL_ERROR, disconnect(0x8E)),
        reasonTwice("DISCONNECT", reasons -> disconnect(0x04, reasons)),
        row(
            "DISCONNECT that prolongs a session of none",
            PROTOCOL_ERROR,
            disconnect(0, Properties5.sessionExpiry(1))),
        row("DISCONNECT with bytes behind it", MALFORMED, packet(0xE0, new byte[] {0, 0, 0})),
        row(
            "AUTH without a method in CONNECT",
            PROTOCOL_ERROR,
            auth(0x18, Properties5.authMethod("X"))),
        row("AUTH with a flag", MALFORMED, with(0x01, auth(0x18, Properties5.authMethod("X")))),
        row("AUTH with a code of another", PROTOCOL_ERROR, auth(0x04, Properties5.authMethod("X"))),
        row("packet type 0", MALFORMED, packet(0x00)),
        row("CONNACK", MALFORMED, packet(0x20, new byte[3])),
        row("SUBACK", MALFORMED, packet(0x90, new byte[] {0, 1, 0, 0})),
        row("UNSUBACK", MALFORMED, packet(0xB0, new byte[] {0, 1, 0, 0})),
        row("PINGRESP", MALFORMED, packet(0xD0)),
        row("a length of five bytes", MALFORMED, new byte[] {0x30, -1, -1, -1, -1, 1}),
        row("more than a packet may have", "0x95", new byte[] {0x30, -1, -1, -1, 0x7F}));
  }

  static Stream<Arguments> texts() {
    byte[] a = string("a");
    return Stream.of(
            noTexts("a topic", text -> packet(0x30, text, section())),
            noTexts("a response topic", text -> packet(0x30, a, section(new byte[] {8}, text))),
            noTexts("a content type", text -> packet(0x30, a, section(new byte[] {3}, text))),
            noTexts(
                "the key of a user property",
                text -> packet(0x30, a, section(new byte[] {0x26}, text, a))),
            noTexts(
                "the value of a user property",
                text -> packet(0x30, a, section(new byte[] {0x26}, a, text))),
            noTexts(
                "a filter of SUBSCRIBE",
                text -> packet(0x82, twoBytes(1), section(), text, new byte[1])),
            noTexts("a filter of UNSUBSCRIBE", text -> packet(0xA2, twoBytes(1), section(), text)),
            noTexts("a reason", text -> disconnect(0, join(new byte[] {0x1F}, text))))
        .flatMap(rows -> rows);
  }

  private void closes(String reason, byte[] packet) {
    TestClient other = Version.MQTT_5.clean(broker, "other").subscribe("#", 0);
    TestClient wrong =
        TestClient.five(broker, Packets5.connect("wrong").will("will", "gone", 0, false));

    wrong.send(packet, publish("t", "behind"));

    assertThat(wrong.received())
        .hasSize(1)
        .first()
        .asString()
        .matches("DISCONNECT " + reason + "( \\{reason=[^,]+})?"); // [MQTT-3.14.2-2]
    wrong.expectClosed();
    other.expect("PUBLISH will gone"); // and nothing of the packet or behind it
    assertThat(broker.broker().metrics().value("packets.malformed{protocol=mqtt}")).isEqualTo(1);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("publishes")
  @Tag("MQTT-1.5.5-1/5")
  @Tag("MQTT-3.3.1-2/5")
  @Tag("MQTT-3.3.1-4/5")
  @Tag("MQTT-3.3.2-1/5")
  @Tag("MQTT-3.3.2-2/5")
  @Tag("MQTT-3.3.2-8/5")
  @Tag("MQTT-3.3.2-9/5")
  @Tag("MQTT-3.3.2-14/5")
  @Tag("MQTT-3.3.4-6/5")
  @Tag("MQTT-4.7.0-1/5")
  void aMalformedPublishIsAnsweredWithItsReason(String what, String reason, byte[] packet) {
    closes(reason, packet);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("subscriptions")
  @Tag("MQTT-3.8.1-1/5")
  @Tag("MQTT-3.8.3-2/5")
  @Tag("MQTT-3.8.3-4/5")
  @Tag("MQTT-3.8.3-5/5")
  @Tag("MQTT-3.10.1-1/5")
  @Tag("MQTT-3.10.3-2/5")
  void aMalformedSubscribeOrUnsubscribeIsAnsweredWithItsReason(
      String what, String reason, byte[] packet) {
    closes(reason, packet);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("filters")
  @Tag("MQTT-4.7.1-1/5")
  @Tag("MQTT-4.7.1-2/5")
  @Tag("MQTT-4.7.3-1/5")
  void aFilterThatIsNoneIsAnsweredWithItsReason(String what, byte[] packet) {
    closes(MALFORMED, packet);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("others")
  @Tag("MQTT-2.1.3-1/5")
  @Tag("MQTT-3.1.0-2/5")
  @Tag("MQTT-3.6.1-1/5")
  @Tag("MQTT-3.14.1-1/5")
  @Tag("MQTT-3.14.2-1/5")
  @Tag("MQTT-3.14.2-2/5")
  @Tag("MQTT-3.14.4-1/5")
  @Tag("MQTT-3.14.4-2/5")
  @Tag("MQTT-3.15.1-1/5")
  @Tag("MQTT-4.13.1-1/5")
  @Tag("MQTT-4.13.2-1/5")
  void anyOtherMalformedPacketIsAnsweredWithItsReason(String what, String reason, byte[] packet) {
    closes(reason, packet);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("texts")
  @Tag("MQTT-1.5.4-1/5")
  @Tag("MQTT-1.5.4-2/5")
  @Tag("MQTT-1.5.7-1/5")
  @Tag("MQTT-3.3.2-1/5")
  @Tag("MQTT-3.3.2-13/5")
  @Tag("MQTT-3.3.2-19/5")
  @Tag("MQTT-3.8.3-1/5")
  @Tag("MQTT-3.10.3-1/5")
  @Tag("MQTT-4.7.3-2/5")
  void aTextThatIsNoneIsAnsweredWithItsReason(String what, String reason, byte[] packet) {
    closes(reason, packet);
  }
}
