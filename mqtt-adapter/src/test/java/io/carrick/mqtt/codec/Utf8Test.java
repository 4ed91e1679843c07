package io.carrick.mqtt.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** MQTT 3.1.1 §1.5.3, against what the JDK takes for well-formed. */
class Utf8Test {

  private static boolean accepted(byte[] bytes) {
    try {
      Utf8.check(Unpooled.wrappedBuffer(bytes), 0, bytes.length);
      return true;
    } catch (MalformedPacketException refused) {
      return false;
    }
  }

  /** The JDK's decoder refuses surrogates and overlong forms too. */
  private static boolean allowed(byte[] bytes) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException malformed) {
      return false;
    }
    return text.codePoints().noneMatch(Character::isISOControl);
  }

  @Test
  @Tag("MQTT-1.5.3-1/311")
  @Tag("MQTT-1.5.3-2/311")
  void everyCodePointIsTakenButSurrogatesAndControlCharacters() {
    for (int point = 0; point <= Character.MAX_CODE_POINT; point++) {
      boolean surrogate = point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
      assertThat(accepted(encode(point)))
          .as("U+%04X", point)
          .isEqualTo(!surrogate && !Character.isISOControl(point));
    }
  }

  private static byte[] encode(int p) {
    if (p < 0x80) {
      return bytes(p);
    } else if (p < 0x800) {
      return bytes(0xC0 | p >> 6, 0x80 | p & 63);
    } else if (p < 0x10000) {
      return bytes(0xE0 | p >> 12, 0x80 | p >> 6 & 63, 0x80 | p & 63);
    }
    return bytes(0xF0 | p >> 18, 0x80 | p >> 12 & 63, 0x80 | p >> 6 & 63, 0x80 | p & 63);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  @Test
  void overlongFormsAreRefused() {
    assertThat(accepted(bytes(0xC0, 0xAF))).isFalse();
    assertThat(accepted(bytes(0xC1, 0xBF))).isFalse();
    assertThat(accepted(bytes(0xE0, 0x80, 0xAF))).isFalse();
    assertThat(accepted(bytes(0xE0, 0x9F, 0xBF))).isFalse();
    assertThat(accepted(bytes(0xF0, 0x80, 0x80, 0xAF))).isFalse();
    assertThat(accepted(bytes(0xF0, 0x8F, 0xBF, 0xBF))).isFalse();
  }

  @Test
  void everyPairOfBytesIsJudgedAsTheJdkDoes() {
    for (int first = 0; first < 256; first++) {
      for (int second = 0; second < 256; second++) {
        byte[] pair = bytes(first, second);
        assertThat(accepted(pair)).as("%02X %02X", first, second).isEqualTo(allowed(pair));
      }
    }
  }

  @Property(tries = 20_000)
  @net.jqwik.api.Tag("MQTT-1.5.3-1/311")
  void bytesLikeUtf8AreJudgedAsTheJdkDoes(@ForAll("nearUtf8") byte[] bytes) {
    assertThat(accepted(bytes)).isEqualTo(allowed(bytes));
  }

  @Property(tries = 20_000)
  void theQuickLookAtATopicAgreesWithTheLongOne(@ForAll("topics") byte[] topic) {
    boolean plain = Utf8.isPlainTopic(Unpooled.wrappedBuffer(topic), 0, topic.length);
    boolean expected = true;
    for (byte b : topic) {
      expected &= b >= 0x20 && b != 0x7F && b != '+' && b != '#';
    }
    assertThat(plain).isEqualTo(expected);
  }

  @Provide
  Arbitrary<byte[]> nearUtf8() {
    return Arbitraries.of(0x41, 0x7F, 0x80, 0x9F, 0xA0, 0xBF, 0xC2, 0xDF, 0xE0, 0xED, 0xEF)
        .flatMap(b -> Arbitraries.of(b, 0x8F, 0x90, 0xF0, 0xF4, 0xF5))
        .map(Integer::byteValue)
        .array(byte[].class)
        .ofMaxSize(9);
  }

  @Provide
  Arbitrary<byte[]> topics() {
    return Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(30, Arbitraries.bytes().between((byte) 0x20, (byte) 0x7E)),
            net.jqwik.api.Tuple.of(1, Arbitraries.bytes()))
        .array(byte[].class)
        .ofMaxSize(40);
  }
}
