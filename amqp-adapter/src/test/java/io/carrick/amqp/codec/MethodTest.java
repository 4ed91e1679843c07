package io.carrick.amqp.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.RoutingKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Methods as they stand on the wire. AMQP 0-9-1 §4.2.4 */
class MethodTest {

  @Provide
  Arbitrary<Method> methods() {
    return Methods.all();
  }

  private static byte[] payload(Method method) {
    ByteBuf out = Unpooled.buffer();
    method.write(new FieldWriter(out));
    return Fields.bytes(out);
  }

  @Property(tries = 2_000, edgeCases = EdgeCasesMode.NONE)
  void everyMethodIsReadAsItWasWritten(@ForAll("methods") Method method) {
    byte[] written = payload(method);
    Method read = Method.read(Fields.reader(written));
    assertThat(read)
        .usingRecursiveComparison()
        .withEqualsForType(RoutingKey::equals, RoutingKey.class)
        .withStrictTypeChecking()
        .ignoringFieldsOfTypes(Map.class)
        .isEqualTo(method);
    assertThat(payload(read)).isEqualTo(written);
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void aMethodThatEndsTooEarlyIsAFrameErrorThatNamesIt(@ForAll("methods") Method method) {
    byte[] written = payload(method);
    for (int length = 0; length < written.length; length++) {
      byte[] part = Arrays.copyOf(written, length);
      boolean named = length >= 4;
      assertThatThrownBy(() -> Method.read(Fields.reader(part)))
          .as("%s cut to %s bytes", method, length)
          .isInstanceOfSatisfying(
              AmqpException.class,
              wrong -> {
                assertThat(wrong.reply()).isEqualTo(ReplyCode.FRAME_ERROR);
                assertThat(wrong.classId()).isEqualTo(named ? method.classId() : 0);
                assertThat(wrong.methodId()).isEqualTo(named ? method.methodId() : 0);
              });
    }
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void bytesBehindTheArgumentsAreAFrameError(@ForAll("methods") Method method) {
    byte[] written = payload(method);
    byte[] longer = Arrays.copyOf(written, written.length + 1);
    assertThatThrownBy(() -> Method.read(Fields.reader(longer)))
        .isInstanceOfSatisfying(
            AmqpException.class,
            wrong -> assertThat(wrong.reply()).isEqualTo(ReplyCode.FRAME_ERROR));
  }

  @Test
  void whatIsNoMethodIsAnInvalidCommand() {
    List<Integer> known = new ArrayList<>();
    for (int classId = 0; classId <= 120; classId++) {
      for (int methodId = 0; methodId <= 120; methodId++) {
        byte[] bytes = {0, (byte) classId, 0, (byte) methodId};
        try {
          Method.read(Fields.reader(bytes));
          known.add(classId << 8 | methodId);
        } catch (AmqpException wrong) {
          if (wrong.reply() != ReplyCode.COMMAND_INVALID) {
            assertThat(wrong.reply()).isEqualTo(ReplyCode.FRAME_ERROR);
            known.add(classId << 8 | methodId);
          }
        }
      }
    }
    Set<Integer> written = new HashSet<>();
    Methods.all()
        .sampleStream()
        .limit(3_000)
        .forEach(m -> written.add(m.classId() << 8 | m.methodId()));
    assertThat(known).containsExactlyInAnyOrderElementsOf(written);
  }

  @Test
  void bitsThatFollowEachOtherShareAByte() {
    var declare = new QueueMethod.Declare("q", true, false, true, false, true, Map.of());
    // class 50, method 10, reserved, "q", bits 1+4+16, an empty table
    assertThat(payload(declare))
        .isEqualTo(new byte[] {0, 50, 0, 10, 0, 0, 1, 'q', 0x15, 0, 0, 0, 0});
  }

  @Test
  void aTextThatIsNotUtf8IsASyntaxError() {
    byte[] cancel = {0, 60, 0, 30, 1, (byte) 0xFF, 0};
    assertThatThrownBy(() -> Method.read(Fields.reader(cancel)))
        .isInstanceOfSatisfying(
            AmqpException.class,
            wrong -> assertThat(wrong.reply()).isEqualTo(ReplyCode.SYNTAX_ERROR));
  }
}
