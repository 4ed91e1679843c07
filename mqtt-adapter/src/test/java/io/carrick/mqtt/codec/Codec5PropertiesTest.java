package io.carrick.mqtt.codec;

import static io.carrick.mqtt.codec.Packets5.Properties5.authData;
import static io.carrick.mqtt.codec.Packets5.Properties5.authMethod;
import static io.carrick.mqtt.codec.Packets5.Properties5.contentType;
import static io.carrick.mqtt.codec.Packets5.Properties5.correlation;
import static io.carrick.mqtt.codec.Packets5.Properties5.maximumPacketSize;
import static io.carrick.mqtt.codec.Packets5.Properties5.messageExpiry;
import static io.carrick.mqtt.codec.Packets5.Properties5.payloadFormat;
import static io.carrick.mqtt.codec.Packets5.Properties5.reasonString;
import static io.carrick.mqtt.codec.Packets5.Properties5.receiveMaximum;
import static io.carrick.mqtt.codec.Packets5.Properties5.requestProblem;
import static io.carrick.mqtt.codec.Packets5.Properties5.responseTopic;
import static io.carrick.mqtt.codec.Packets5.Properties5.sessionExpiry;
import static io.carrick.mqtt.codec.Packets5.Properties5.subscriptionId;
import static io.carrick.mqtt.codec.Packets5.Properties5.topicAlias;
import static io.carrick.mqtt.codec.Packets5.Properties5.topicAliasMaximum;
import static io.carrick.mqtt.codec.Packets5.Properties5.user;
import static io.carrick.mqtt.codec.Packets5.Properties5.willDelay;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.UserProperty;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** As {@link CodecPropertiesTest}, of version 5. */
class Codec5PropertiesTest {

  /**
   * One of every packet of a client, with every property that it may have; CONNECT is the first.
   */
  private static final List<byte[]> CORPUS =
      List.of(
          Packets5.connect("client")
              .with(sessionExpiry(7), receiveMaximum(8), maximumPacketSize(9), topicAliasMaximum(3))
              .with(requestProblem(1), user("a", "b"), authMethod("m"), authData("d"))
              .will("w", "will", 1, true, willDelay(3), messageExpiry(4), user("c", "d"))
              .user("user")
              .password("password")
              .bytes(),
          Packets5.publish("topic", "payload"),
          Packets5.publish(
              "topic/long",
              "payload",
              2,
              258,
              payloadFormat(1),
              messageExpiry(0xFFFF_FFFFL),
              topicAlias(2),
              responseTopic("r"),
              correlation("c"),
              user("k", "v"),
              user("k", "w"),
              contentType("text")),
          Packets5.ack(PacketType.PUBACK, 3, 0x10, reasonString("why"), user("a", "b")),
          Packets5.ack(PacketType.PUBREC, 3, 0x87),
          Packets5.ack(PacketType.PUBREL, 3, 0x92, reasonString("x")),
          Packets5.ack(PacketType.PUBCOMP, 3, 0),
          Packets5.subscribe(4, subscriptionId(268_435_455), "a/+/#", 0x2D),
          Packets5.subscribe(5, 1, "$share/g/a", "b"),
          Packets5.unsubscribe(6, "a", "b/#"),
          Packets.PINGREQ,
          Packets5.auth(0x18, authMethod("m"), authData("d"), reasonString("r")),
          Packets5.disconnect(4, sessionExpiry(5), reasonString("bye"), user("a", "b")));

  private static Decoded connected() {
    return new Decoded(Decoded.BOUNDS).feed(Packets5.connect("c").bytes());
  }

  // ---- there and back

  @Property(tries = 500)
  @Tag("MQTT-3.3.2-6/5")
  @Tag("MQTT-3.3.2-17/5")
  @Tag("MQTT-3.3.2-18/5")
  @Tag("MQTT-3.3.4-4/5")
  void aPublishOfTheServerIsReadBackByOthers(
      @ForAll("texts") String topic,
      @ForAll @IntRange(max = 2) int qos,
      @ForAll @LongRange(max = 0xFFFF_FFFFL) long expiry,
      @ForAll @Size(max = 5) List<@From("texts") String> names,
      @ForAll @Size(max = 5) List<@IntRange(min = 1, max = 268_435_455) Integer> ids,
      @ForAll @IntRange(max = 65_535) int alias) {
    PacketProperties.Builder passed =
        PacketProperties.builder()
            .number(io.carrick.mqtt.codec.Property.MESSAGE_EXPIRY_INTERVAL, 1);
    var words = new StringJoiner(", ", " {", "}").add("expiry=" + expiry);
    for (String name : names) {
      passed.user(new UserProperty(name, topic));
      words.add("user=" + name + ":" + topic);
    }
    ids.forEach(id -> words.add("subscription=" + id));
    int packetId = qos == 0 ? 0 : 7;
    var header = new PublishHeader();
    header
        .begin(qos, false, false, packetId)
        .topic(Packets.utf8(topic))
        .properties(passed.build())
        .expiry(1, (int) expiry)
        .subscriptions(ids.stream().mapToInt(Integer::intValue).toArray());
    if (alias > 0) {
      header.alias(alias, false);
      words.add("alias=" + alias);
    }
    ByteBuf out = Unpooled.buffer();
    header.write(out, 1);
    assertThat(out.readableBytes()).isLessThanOrEqualTo(header.room());
    out.writeByte('x');
    assertThat(header.packetBytes(1)).isEqualTo(out.readableBytes());
    var bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    assertThat(ServerPackets5.describe(bytes))
        .containsExactly(
            "PUBLISH " + topic + " x" + (qos == 0 ? "" : " qos" + qos + " #7") + words);
  }

  @Property(tries = 500)
  @Tag("MQTT-3.1.3-10/5")
  void propertiesAreReadBackInTheirOrder(
      @ForAll @Size(max = 20) List<@From("texts") String> texts,
      @ForAll @LongRange(max = 0xFFFF_FFFFL) long number,
      @ForAll @IntRange(max = 65_535) int small) {
    PacketProperties.Builder builder =
        PacketProperties.builder()
            .number(io.carrick.mqtt.codec.Property.SESSION_EXPIRY_INTERVAL, number)
            .number(io.carrick.mqtt.codec.Property.TOPIC_ALIAS_MAXIMUM, small);
    List<UserProperty> users = texts.stream().map(t -> new UserProperty(t, t + t)).toList();
    users.forEach(builder::user);
    PacketProperties made = builder.build();
    assertThat(made.number(io.carrick.mqtt.codec.Property.SESSION_EXPIRY_INTERVAL, -1))
        .isEqualTo(number);
    assertThat(made.number(io.carrick.mqtt.codec.Property.TOPIC_ALIAS_MAXIMUM, -1))
        .isEqualTo(small);
    assertThat(made.userProperties()).isEqualTo(users);
    PacketProperties without = made.without(io.carrick.mqtt.codec.Property.SESSION_EXPIRY_INTERVAL);
    assertThat(without.userProperties()).isEqualTo(users);
    assertThat(without.find(io.carrick.mqtt.codec.Property.SESSION_EXPIRY_INTERVAL)).isNegative();
    assertThat(without.bytes()).hasSize(made.bytes().length - 5);
  }

  @Example
  void everyPacketIsReadHoweverItIsSplit() {
    for (int i = 0; i < CORPUS.size(); i++) {
      byte[] packet = CORPUS.get(i);
      List<String> whole = decoder(i).feed(packet).packets;
      assertThat(whole).as(Arrays.toString(packet)).hasSize(i == 0 ? 1 : 2);
      for (int at = 0; at <= packet.length; at++) {
        Decoded decoded = decoder(i);
        ByteBuf in = Unpooled.buffer().writeBytes(packet, 0, at);
        decoded.feed(in);
        decoded.feed(in.writeBytes(packet, at, packet.length - at));
        assertThat(decoded.packets).isEqualTo(whole);
        assertThat(in.refCnt()).as("whoever reads keeps nothing").isEqualTo(1);
      }
    }
  }

  private static Decoded decoder(int place) {
    return place == 0 ? new Decoded(Decoded.BOUNDS) : connected();
  }

  // ---- whatever comes

  @Property(tries = 20_000)
  void randomBytesAreAPacketOrRefused(@ForAll @Size(max = 64) byte[] bytes) {
    survives(connected(), bytes);
  }

  @Property(tries = 40_000)
  void damagedPacketsAreAPacketOrRefused(@ForAll("damaged") List<byte[]> packets) {
    Decoded first = new Decoded(Decoded.BOUNDS);
    Decoded later = connected();
    for (byte[] packet : packets) {
      survives(first, packet);
      survives(later, packet);
    }
  }

  /** Reads from the middle of a larger buffer, whose other bytes must not matter. */
  private static void survives(Decoded decoded, byte[] bytes) {
    ByteBuf room = Unpooled.buffer(bytes.length + 32).writeZero(16).writeBytes(bytes);
    ByteBuf readable = room.writeZero(16).slice(16, bytes.length);
    try {
      decoded.feed(readable);
    } catch (MalformedPacketException refused) {
      assertThat(refused.reasonCode()).isBetween(0x80, 0xA2);
    }
    assertThat(readable.readerIndex()).isLessThanOrEqualTo(bytes.length);
    assertThat(room.refCnt()).isEqualTo(1);
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.strings()
        .withCharRange('a', 'z')
        .withChars("äß☃")
        .ofMinLength(1)
        .ofMaxLength(200);
  }

  @Provide
  Arbitrary<List<byte[]>> damaged() {
    return Combinators.combine(
            Arbitraries.of(CORPUS),
            Arbitraries.integers().greaterOrEqual(0),
            Arbitraries.bytes(),
            Arbitraries.integers().between(0, 3))
        .as(Codec5PropertiesTest::damage)
        .list()
        .ofMinSize(1)
        .ofMaxSize(2);
  }

  private static byte[] damage(byte[] packet, int where, byte value, int how) {
    int at = where % packet.length;
    byte[] before = Arrays.copyOf(packet, at);
    byte[] behind = Arrays.copyOfRange(packet, at, packet.length);
    return switch (how) {
      case 0 -> before;
      case 1 -> longer(Packets.join(before, new byte[] {value}, behind));
      case 2 -> Packets.join(packet, before);
      default -> {
        byte[] copy = packet.clone();
        copy[at] = value;
        yield copy;
      }
    };
  }

  /** Lets the remaining length say what is there, so that the damage is inside. */
  private static byte[] longer(byte[] packet) {
    if (packet.length > 2 && packet.length < 127) {
      packet[1] = (byte) (packet.length - 2);
    }
    return packet;
  }
}
