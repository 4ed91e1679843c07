package io.carrick.amqp.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Frames as they stand on the wire. AMQP 0-9-1 §4.2.3 */
class FrameReaderTest {

  private static final int MAX_FRAME_BYTES = 4_096;

  /** A frame that was found. */
  private record Found(int type, int channel, List<Byte> payload) {}

  private final FrameReader reader = new FrameReader();

  private static List<Found> readAll(FrameReader reader, ByteBuf in) {
    var found = new ArrayList<Found>();
    while (reader.next(in)) {
      var payload = new ArrayList<Byte>();
      for (int i = 0; i < reader.payloadBytes(); i++) {
        payload.add(in.getByte(reader.payloadStart() + i));
      }
      found.add(new Found(reader.type(), reader.channel(), payload));
    }
    return found;
  }

  private static byte[] someFrames() {
    ByteBuf out = Unpooled.buffer();
    FrameWriter.method(out, 1, new BasicMethod.Ack(7, true));
    FrameWriter.header(out, 65_535, 5, new byte[] {0x10, 0, 2});
    int start = FrameWriter.begin(out, FrameReader.BODY, 2);
    out.writeBytes(new byte[] {1, 2, 3, 4, 5});
    FrameWriter.end(out, start);
    FrameWriter.heartbeat(out);
    FrameWriter.method(out, 0, new ConnectionMethod.CloseOk());
    return Fields.bytes(out);
  }

  @Test
  void framesAreFoundWhereverTheBytesAreSplit() {
    byte[] bytes = someFrames();
    List<Found> whole = readAll(reader, Unpooled.wrappedBuffer(bytes));
    assertThat(whole).extracting(Found::type).containsExactly(1, 2, 3, 8, 1);
    assertThat(whole).extracting(Found::channel).containsExactly(1, 65_535, 2, 0, 0);
    for (int first = 0; first <= bytes.length; first++) {
      for (int second = first; second <= bytes.length; second++) {
        ByteBuf in = Unpooled.buffer().writeBytes(bytes, 0, first);
        List<Found> found = readAll(reader, in);
        found.addAll(readAll(reader, in.writeBytes(bytes, first, second - first)));
        found.addAll(readAll(reader, in.writeBytes(bytes, second, bytes.length - second)));
        assertThat(found).isEqualTo(whole);
        assertThat(in.isReadable()).isFalse();
      }
    }
  }

  @Provide
  Arbitrary<Method> methods() {
    return Methods.all();
  }

  @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
  void aFrameOfEveryMethodWaitsForItsLastByte(@ForAll("methods") Method method) {
    ByteBuf out = Unpooled.buffer();
    FrameWriter.method(out, 3, method);
    var reader = new FrameReader();
    reader.maxFrameBytes(1 << 20);
    for (int length = 0; length < out.readableBytes(); length++) {
      ByteBuf part = out.slice(0, length);
      assertThat(reader.next(part)).isFalse();
      assertThat(part.readerIndex()).isZero();
    }
    assertThat(reader.next(out)).isTrue();
    assertThat(reader.payloadBytes() + FrameReader.OVERHEAD_BYTES).isEqualTo(out.writerIndex());
  }

  @Test
  void aFramesPayloadIsAsLargeAsWasAgreedForTheFrameAndNoLarger() {
    reader.maxFrameBytes(MAX_FRAME_BYTES);
    assertThat(reader.next(body(MAX_FRAME_BYTES))).isTrue();
    assertFrameError(body(MAX_FRAME_BYTES + 1));
  }

  @Test
  void aSizeThatIsTooLargeIsToldBeforeThePayloadComes() {
    ByteBuf head = Unpooled.buffer();
    FrameWriter.head(head, FrameReader.BODY, 1, -1); // 4 GB, as it is not signed
    assertFrameError(head);
  }

  @Test
  void aFrameWithoutItsEndIsAnError() {
    ByteBuf frame = body(10);
    frame.setByte(frame.writerIndex() - 1, 0);
    assertFrameError(frame);
  }

  @Test
  void anUnknownTypeIsToldByItsFirstByte() {
    for (int type = 0; type < 256; type++) {
      ByteBuf first = Unpooled.wrappedBuffer(new byte[] {(byte) type});
      if (type == 1 || type == 2 || type == 3 || type == 8) {
        assertThat(reader.next(first)).isFalse();
      } else {
        assertFrameError(first);
      }
    }
  }

  @Provide
  Arbitrary<byte[]> anything() {
    return Arbitraries.bytes().array(byte[].class).ofMaxSize(200);
  }

  @Property(tries = 5_000, edgeCases = EdgeCasesMode.NONE)
  void anyBytesAreFramesOrAnError(@ForAll("anything") byte[] bytes, @ForAll long seed) {
    byte[] mutated = someFrames();
    var random = new Random(seed);
    for (int i = 0; i < 3; i++) {
      mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
    }
    readsOrFails(bytes);
    readsOrFails(mutated);
  }

  private static void readsOrFails(byte[] bytes) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    try {
      readAll(new FrameReader(), in);
      assertThat(in.readerIndex()).isLessThanOrEqualTo(bytes.length);
    } catch (AmqpException wrong) {
      assertThat(wrong.reply()).isEqualTo(ReplyCode.FRAME_ERROR);
    }
  }

  private static ByteBuf body(int bytes) {
    ByteBuf out = Unpooled.buffer();
    int start = FrameWriter.begin(out, FrameReader.BODY, 1);
    out.writeZero(bytes);
    FrameWriter.end(out, start);
    return out;
  }

  private void assertFrameError(ByteBuf in) {
    assertThatThrownBy(() -> reader.next(in))
        .isInstanceOfSatisfying(
            AmqpException.class,
            wrong -> {
              assertThat(wrong.reply()).isEqualTo(ReplyCode.FRAME_ERROR);
              assertThat(wrong.getStackTrace()).isEmpty();
            });
  }
}
