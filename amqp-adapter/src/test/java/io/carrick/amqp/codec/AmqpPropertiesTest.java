package io.carrick.amqp.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Message;
import io.carrick.MessageProperties;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** The fourteen properties of a message. AMQP 0-9-1 §4.2.6.1 */
class AmqpPropertiesTest {

  private static final List<Integer> FLAGS =
      List.of(
          AmqpProperties.CONTENT_TYPE,
          AmqpProperties.CONTENT_ENCODING,
          AmqpProperties.HEADERS,
          AmqpProperties.DELIVERY_MODE,
          AmqpProperties.PRIORITY,
          AmqpProperties.CORRELATION_ID,
          AmqpProperties.REPLY_TO,
          AmqpProperties.EXPIRATION,
          AmqpProperties.MESSAGE_ID,
          AmqpProperties.TIMESTAMP,
          AmqpProperties.TYPE,
          AmqpProperties.USER_ID,
          AmqpProperties.APP_ID,
          AmqpProperties.CLUSTER_ID);

  @Provide
  Arbitrary<Map<String, Object>> tables() {
    return Fields.tables();
  }

  /** Writes the properties that the flags name, in their order. */
  private static byte[] image(int flags, Map<String, Object> headers) {
    ByteBuf out = Unpooled.buffer();
    var writer = new FieldWriter(out);
    writer.shortInt(flags);
    for (int flag : FLAGS) {
      if ((flags & flag) == 0) {
        continue;
      }
      switch (flag) {
        case AmqpProperties.HEADERS -> writer.table(headers);
        case AmqpProperties.DELIVERY_MODE -> writer.octet(2);
        case AmqpProperties.PRIORITY -> writer.octet(200);
        case AmqpProperties.TIMESTAMP -> writer.longLong(1_700_000_000);
        case AmqpProperties.EXPIRATION -> writer.shortString("60000");
        default -> writer.shortString("text-" + flag);
      }
    }
    return Fields.bytes(out);
  }

  private static AmqpProperties read(byte[] image) {
    return AmqpProperties.of(image, new FieldReader(Fields.DEPTH));
  }

  @Property(tries = 2_000, edgeCases = EdgeCasesMode.NONE)
  void everySetOfPropertiesIsReadAndKeptByteForByte(
      @ForAll short some, @ForAll("tables") Map<String, Object> headers) {
    int flags = some & 0xFFFC;
    byte[] image = image(flags, headers);
    AmqpProperties p = read(image);

    assertThat(p.contentType()).isEqualTo(text(flags, AmqpProperties.CONTENT_TYPE));
    assertThat(p.contentEncoding()).isEqualTo(text(flags, AmqpProperties.CONTENT_ENCODING));
    assertThat(p.headers())
        .usingRecursiveComparison()
        .isEqualTo((flags & AmqpProperties.HEADERS) == 0 ? Map.of() : headers);
    assertThat(p.persistent()).isEqualTo((flags & AmqpProperties.DELIVERY_MODE) != 0);
    assertThat(p.priority())
        .isEqualTo(
            (flags & AmqpProperties.PRIORITY) == 0 ? OptionalInt.empty() : OptionalInt.of(200));
    assertThat(p.correlationId().map(id -> new String(id, StandardCharsets.UTF_8)))
        .isEqualTo(text(flags, AmqpProperties.CORRELATION_ID));
    assertThat(p.replyTo()).isEqualTo(text(flags, AmqpProperties.REPLY_TO));
    assertThat(p.expirationMs())
        .isEqualTo(
            (flags & AmqpProperties.EXPIRATION) == 0
                ? OptionalLong.empty()
                : OptionalLong.of(60_000));
    assertThat(p.messageId()).isEqualTo(text(flags, AmqpProperties.MESSAGE_ID));
    assertThat(p.timestamp())
        .isEqualTo(
            (flags & AmqpProperties.TIMESTAMP) == 0
                ? Optional.empty()
                : Optional.of(Instant.ofEpochSecond(1_700_000_000)));
    assertThat(p.type()).isEqualTo(text(flags, AmqpProperties.TYPE));
    assertThat(p.userId()).isEqualTo(text(flags, AmqpProperties.USER_ID));
    assertThat(p.appId()).isEqualTo(text(flags, AmqpProperties.APP_ID));
    assertThat(p.clusterId()).isEqualTo(text(flags, AmqpProperties.CLUSTER_ID));
    assertThat(p.image()).isEqualTo(image);
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void moreHeadersAreAddedAndTheRestStaysByteForByte(
      @ForAll short some, @ForAll("tables") Map<String, Object> headers) {
    int flags = some & 0xFFFC;
    var before = new LinkedHashMap<>(headers);
    before.put("x-more", "of a publisher");
    byte[] image = image(flags, before);
    var after = new LinkedHashMap<>(headers);
    Map<String, Object> more = Map.of("x-more", List.of(Map.of("of the", "broker")));
    if ((flags & AmqpProperties.HEADERS) == 0) {
      after.clear();
    }
    after.putAll(more);
    byte[] expected = image(flags | AmqpProperties.HEADERS, after);

    assertThat(read(image).imageWith(more, true)).isEqualTo(expected);
  }

  @Test
  void valuesOfOtherClientsTypesStayWhatTheyWereBesideMoreHeaders() {
    ByteBuf out = Unpooled.buffer();
    var writer = new FieldWriter(out).shortInt(AmqpProperties.HEADERS | AmqpProperties.CLUSTER_ID);
    // An unsigned 16-bit number and an unsigned byte, which are written as other types.
    writer.longInt(9).shortString("u").octet('u').shortInt(65_535).shortString("b");
    writer.octet('B').octet(200).shortString("cluster");
    byte[] image = Fields.bytes(out);

    byte[] made = read(image).imageWith(Map.of("n", 1L), true);

    String wire = new String(made, StandardCharsets.ISO_8859_1);
    assertThat(wire).contains("\u0001uu\u00FF\u00FF").contains("\u0001bB\u00C8");
    assertThat(read(made).clusterId()).hasValue("cluster");
    assertThat(read(made).headers()).isEqualTo(Map.of("u", 65_535, "b", (short) 200, "n", 1L));
  }

  @Test
  void theTimeToLiveIsTakenOutAndNothingElse() {
    AmqpProperties p = read(image(0xFFFC, Map.of("own", true)));

    AmqpProperties made = read(p.imageWith(Map.of("more", 1), false));

    assertThat(made.hasAny(AmqpProperties.EXPIRATION)).isFalse();
    assertThat(made.headers()).isEqualTo(Map.of("own", true, "more", 1));
    assertThat(made.messageId()).isEqualTo(p.messageId());
    assertThat(made.replyTo()).isEqualTo(p.replyTo());
    assertThat(made.clusterId()).isEqualTo(p.clusterId());
  }

  private static Optional<String> text(int flags, int flag) {
    return (flags & flag) == 0 ? Optional.empty() : Optional.of("text-" + flag);
  }

  @Test
  void propertiesThatEndTooEarlyOrTooLateAreAFrameError() {
    byte[] all = image(0xFFFC, Map.of("h", List.of(1, "two")));
    assertThat(read(all).headers()).containsKey("h");
    for (int length = 0; length < all.length; length++) {
      assertFrameError(Arrays.copyOf(all, length));
    }
    assertFrameError(Arrays.copyOf(all, all.length + 1));
  }

  @Test
  void flagsWithoutAPropertyAreAFrameError() {
    assertFrameError(new byte[] {0, 1});
    assertFrameError(new byte[] {0, 2, 0, 0});
  }

  private static void assertFrameError(byte[] image) {
    assertThatThrownBy(() -> read(image))
        .isInstanceOfSatisfying(
            AmqpException.class,
            wrong -> assertThat(wrong.reply()).isEqualTo(ReplyCode.FRAME_ERROR));
  }

  @Property(tries = 3_000, edgeCases = EdgeCasesMode.NONE)
  void whatIsAcceptedCanBeDecodedWhateverItIs(@ForAll long seed) {
    var random = new Random(seed);
    byte[] image = image(random.nextInt() & 0xFFFC, Fields.nested(1 + random.nextInt(4)));
    for (int i = random.nextInt(3); i >= 0; i--) {
      image[random.nextInt(image.length)] = (byte) random.nextInt();
    }
    AmqpProperties p;
    try {
      p = read(image);
    } catch (AmqpException wrong) {
      assertThat(wrong.reply().closesConnection()).isTrue();
      return;
    }
    p.headers();
    p.contentType();
    p.expirationMs();
    p.guarantee();
    assertThat(p.image()).isEqualTo(image);
  }

  @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
  void whatCameAnotherWayIsWrittenAndReadAgain(@ForAll("tables") Map<String, Object> headers) {
    var builder =
        Message.builder("x")
            .persistent()
            .priority(9)
            .contentType("text/plain")
            .messageId("m")
            .timestamp(Instant.ofEpochSecond(5));
    headers.forEach(builder::header);
    MessageProperties neutral = builder.build().properties();

    AmqpProperties p = read(PropertiesImage.of(neutral, Map.of("x-extra", true)));

    assertThat(p.persistent()).isTrue();
    assertThat(p.priority()).hasValue(9);
    assertThat(p.contentType()).hasValue("text/plain");
    assertThat(p.messageId()).hasValue("m");
    assertThat(p.timestamp()).hasValue(Instant.ofEpochSecond(5));
    assertThat(p.headers()).containsEntry("x-extra", true);
    assertThat(p.headers().keySet()).containsAll(headers.keySet());
    assertThat(p.replyTo()).isEmpty();
  }

  private static AmqpProperties withRetain(Object... values) {
    ByteBuf table = Unpooled.buffer();
    var out = new FieldWriter(table);
    for (Object value : values) {
      out.table(Map.of("x-mqtt-retain", value)); // a length, and one field behind it
    }
    ByteBuf all = Unpooled.buffer().writeShort(AmqpProperties.HEADERS).writeInt(0);
    while (table.isReadable()) {
      all.writeBytes(table, table.readInt());
    }
    all.setInt(2, all.writerIndex() - 6);
    return AmqpProperties.of(ByteBufUtil.getBytes(all), new FieldReader(8));
  }

  @Test
  void whatIsToBeRetainedIsFoundWithoutDecodingAndOfTwoHeadersTheLastOneCounts() {
    assertThat(withRetain(true).retain()).isTrue();
    assertThat(withRetain(false).retain()).isFalse();
    assertThat(withRetain(true, false).retain()).isFalse();
    assertThat(withRetain(false, true).retain()).isTrue();
    for (Object other : List.of("true", 1, (byte) 1, List.of(true), Map.of("t", true))) {
      assertThat(withRetain(true, other).retain()).as("%s", other).isFalse();
      assertThat(withRetain(other, true).retain()).as("%s", other).isTrue();
    }
    Map<String, Object> below = Map.of("x", Map.of("x-mqtt-retain", true));
    byte[] nested = image(AmqpProperties.HEADERS, below);
    assertThat(AmqpProperties.of(nested, new FieldReader(8)).retain()).isFalse();
  }
}
