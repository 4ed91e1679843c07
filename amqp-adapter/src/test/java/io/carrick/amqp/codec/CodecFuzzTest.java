package io.carrick.amqp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever a peer sends is a method or the peer's error, never ours. */
class CodecFuzzTest {

  @Provide
  Arbitrary<byte[]> anything() {
    return Arbitraries.bytes().array(byte[].class).ofMaxSize(300);
  }

  @Provide
  Arbitrary<Method> methods() {
    return Methods.all();
  }

  @Property(tries = 10_000, edgeCases = EdgeCasesMode.NONE)
  void anyBytesAreAMethodOrAProtocolError(@ForAll("anything") byte[] bytes, @ForAll long seed) {
    readsOrFails(bytes);
    // Few random bytes name a method: give them one.
    byte[] named = bytes.clone();
    if (named.length >= 4) {
      int[] classes = {10, 20, 40, 50, 60, 85, 90};
      named[0] = 0;
      named[1] = (byte) classes[Math.floorMod(seed, classes.length)];
      named[2] = 0;
      named[3] = (byte) (10 * Math.floorMod(seed >> 8, 13) + Math.floorMod(seed >> 16, 2));
      readsOrFails(named);
    }
  }

  @Property(tries = 3_000, edgeCases = EdgeCasesMode.NONE)
  void mutatedMethodsAreMethodsOrProtocolErrors(
      @ForAll("methods") Method method, @ForAll long seed) {
    ByteBuf out = Unpooled.buffer();
    method.write(new FieldWriter(out));
    byte[] bytes = Fields.bytes(out);
    var random = new Random(seed);
    for (int i = random.nextInt(4); i >= 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    readsOrFails(bytes);
  }

  private static void readsOrFails(byte[] bytes) {
    Method read;
    try {
      read = Method.read(Fields.reader(bytes));
    } catch (AmqpException wrong) {
      assertThat(wrong.reply().closesConnection()).isTrue();
      assertThat(wrong.text()).isNotEmpty();
      return;
    }
    ByteBuf again = Unpooled.buffer();
    read.write(new FieldWriter(again));
    assertThat(Method.read(Fields.reader(Fields.bytes(again))).getClass())
        .isEqualTo(read.getClass());
  }
}
