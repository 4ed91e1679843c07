package io.carrick.amqp.codec;

import io.carrick.MessageProperties;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Tables and texts to test with. */
final class Fields {

  static final int DEPTH = 8;

  private Fields() {}

  /** Texts that fit in a short string: at most 60 characters of at most 4 bytes. */
  static Arbitrary<String> names() {
    return Arbitraries.strings().ofMaxLength(60).filter(Fields::encodable);
  }

  private static boolean encodable(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  /** Values of every type that a table can hold, without tables and arrays. */
  private static Arbitrary<Object> scalars() {
    return Arbitraries.oneOf(
        names(),
        Arbitraries.of(true, false),
        Arbitraries.bytes(),
        Arbitraries.shorts(),
        Arbitraries.integers(),
        Arbitraries.longs(),
        Arbitraries.floats(),
        Arbitraries.doubles(),
        Combinators.combine(Arbitraries.integers(), Arbitraries.integers().between(0, 255))
            .as((unscaled, scale) -> new BigDecimal(BigInteger.valueOf(unscaled), scale)),
        Arbitraries.longs().between(0, 253_402_300_799L).map(Instant::ofEpochSecond),
        Arbitraries.bytes().array(byte[].class).ofMaxSize(20),
        Arbitraries.just(MessageProperties.VOID));
  }

  private static Arbitrary<Object> values() {
    return Arbitraries.recursive(
        Fields::scalars,
        inner ->
            Arbitraries.oneOf(
                inner, inner.list().ofMaxSize(4), Arbitraries.maps(names(), inner).ofMaxSize(4)),
        0,
        3);
  }

  static Arbitrary<Map<String, Object>> tables() {
    return Arbitraries.maps(names(), values()).ofMaxSize(6);
  }

  /** Returns a reader over bytes. */
  static FieldReader reader(byte[] bytes) {
    return new FieldReader(DEPTH).over(Unpooled.wrappedBuffer(bytes), 0, bytes.length);
  }

  static byte[] bytes(ByteBuf written) {
    byte[] bytes = new byte[written.readableBytes()];
    written.getBytes(written.readerIndex(), bytes);
    return bytes;
  }

  static byte[] table(Map<String, Object> table) {
    ByteBuf out = Unpooled.buffer();
    new FieldWriter(out).table(table);
    return bytes(out);
  }

  /** Returns tables in tables, so many deep. */
  static Map<String, Object> nested(int depth) {
    Map<String, Object> table = Map.of();
    for (int i = 1; i < depth; i++) {
      table = i % 2 == 0 ? Map.of("t", table) : Map.of("a", List.of(table));
    }
    return table;
  }
}
