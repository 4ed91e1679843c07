package io.carrick.amqp.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.MessageProperties;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Field tables as RabbitMQ and its clients write them. */
class FieldTableTest {

  @Provide
  Arbitrary<Map<String, Object>> tables() {
    return Fields.tables();
  }

  /** Every type letter with its bytes and what they mean. */
  static Stream<Arguments> everyType() {
    return Stream.of(
        Arguments.of('t', "01", true),
        Arguments.of('t', "00", false),
        Arguments.of('b', "FE", (byte) -2),
        Arguments.of('B', "FE", (short) 254),
        Arguments.of('s', "FFFE", (short) -2),
        Arguments.of('u', "FFFE", 65_534),
        Arguments.of('I', "FFFFFFFE", -2),
        Arguments.of('i', "FFFFFFFE", 4_294_967_294L),
        Arguments.of('l', "FFFFFFFFFFFFFFFE", -2L),
        Arguments.of('L', "FFFFFFFFFFFFFFFE", -2L),
        Arguments.of('f', "3FC00000", 1.5f),
        Arguments.of('d', "BFF8000000000000", -1.5),
        Arguments.of('D', "02FFFFFF9C", new BigDecimal("-1.00")),
        Arguments.of('S', "00000003616263", "abc"),
        Arguments.of('S', "00000002C3A9", "é"),
        Arguments.of('S', "00000002FF00", new byte[] {-1, 0}),
        Arguments.of('x', "00000002FF00", new byte[] {-1, 0}),
        Arguments.of('T', "0000000065920080", Instant.parse("2024-01-01T00:00:00Z")),
        Arguments.of('V', "", MessageProperties.VOID),
        Arguments.of('A', "00000000", List.of()),
        Arguments.of('A', "000000057401620256", List.of(true, (byte) 2, MessageProperties.VOID)),
        Arguments.of('F', "00000000", Map.of()),
        Arguments.of('F', "0000000401617401", Map.of("a", true)));
  }

  private static byte[] field(char type, String hex) {
    byte[] value = HexFormat.of().parseHex(hex);
    ByteBuffer table = ByteBuffer.allocate(4 + 2 + 1 + value.length);
    table.putInt(3 + value.length).put((byte) 1).put((byte) 'k').put((byte) type).put(value);
    return table.array();
  }

  @ParameterizedTest
  @MethodSource("everyType")
  @Tag("amqp091:field-types")
  void aFieldOfEveryTypeIsReadAndPassedOver(char type, String hex, Object meaning) {
    byte[] table = field(type, hex);
    assertThat(Fields.reader(table).table().get("k")).isEqualTo(meaning);
    FieldReader skipping = Fields.reader(table);
    FieldTable.skip(skipping);
    assertThat(skipping.remaining()).isZero();
  }

  @ParameterizedTest
  @MethodSource("everyType")
  void aFieldThatEndsTooEarlyIsAFrameError(char type, String hex, Object meaning) {
    byte[] table = field(type, hex);
    for (int length = 0; length < table.length; length++) {
      byte[] part = Arrays.copyOf(table, length);
      assertFails(ReplyCode.FRAME_ERROR, () -> Fields.reader(part).table());
      assertFails(ReplyCode.FRAME_ERROR, () -> FieldTable.skip(Fields.reader(part)));
    }
  }

  @Property(tries = 1_000, edgeCases = EdgeCasesMode.NONE)
  void whatIsWrittenIsReadAgain(@ForAll("tables") Map<String, Object> table) {
    byte[] written = Fields.table(table);
    FieldReader reader = Fields.reader(written);
    assertThat(reader.table()).usingRecursiveComparison().isEqualTo(table);
    assertThat(reader.remaining()).isZero();
    FieldReader skipping = Fields.reader(written);
    FieldTable.skip(skipping);
    assertThat(skipping.remaining()).isZero();
  }

  @Test
  void anUnknownTypeIsASyntaxError() {
    byte[] table = field('?', "00");
    assertFails(ReplyCode.SYNTAX_ERROR, () -> Fields.reader(table).table());
    assertFails(ReplyCode.SYNTAX_ERROR, () -> FieldTable.skip(Fields.reader(table)));
  }

  @Test
  void tablesAreNestedAsDeepAsTheLimitAndNotDeeper() {
    for (boolean arrays : new boolean[] {false, true}) {
      byte[] deepest = Fields.table(nested(Fields.DEPTH, arrays));
      assertThat(Fields.reader(deepest).table()).isNotEmpty();
      FieldTable.skip(Fields.reader(deepest));
      byte[] tooDeep = Fields.table(nested(Fields.DEPTH + 1, arrays));
      assertFails(ReplyCode.SYNTAX_ERROR, () -> Fields.reader(tooDeep).table());
      assertFails(ReplyCode.SYNTAX_ERROR, () -> FieldTable.skip(Fields.reader(tooDeep)));
    }
  }

  /** Returns a table with that many levels, of which it is the first. */
  private static Map<String, Object> nested(int levels, boolean arrays) {
    Object inner = arrays ? List.of() : Map.of();
    for (int level = levels - 1; level > 1; level--) {
      inner = arrays ? List.of(inner) : Map.of("t", inner);
    }
    return Map.of("t", inner);
  }

  @Test
  void aFieldMustNotReachBehindItsTable() {
    // a table of 4 bytes: name "k", type 's', and only one of its two bytes
    byte[] table = HexFormat.of().parseHex("00000004016B7300FF");
    assertFails(ReplyCode.FRAME_ERROR, () -> Fields.reader(table).table());
    assertFails(ReplyCode.FRAME_ERROR, () -> FieldTable.skip(Fields.reader(table)));
  }

  @Test
  void aNameNeedNotBeUtf8() {
    byte[] table = HexFormat.of().parseHex("0000000401FF7401");
    assertThat(Fields.reader(table).table()).containsOnlyKeys("\uFFFD");
  }

  private static void assertFails(ReplyCode code, Runnable reading) {
    assertThatThrownBy(reading::run)
        .isInstanceOfSatisfying(
            AmqpException.class, wrong -> assertThat(wrong.reply()).isEqualTo(code));
  }
}
