package io.carrick.amqp.codec;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/** Writes the fields of a method or of properties. Confined to the calling thread. */
public final class FieldWriter {

  private static final int SHORT_STRING_BYTES = 255;

  private final ByteBuf out;
  private int nextBit;

  /** Makes a writer that appends to a buffer. */
  public FieldWriter(ByteBuf out) {
    this.out = out;
  }

  ByteBuf buffer() {
    nextBit = 0;
    return out;
  }

  /** Writes an unsigned byte. */
  public FieldWriter octet(int value) {
    buffer().writeByte(value);
    return this;
  }

  /** Writes a 16-bit number. */
  public FieldWriter shortInt(int value) {
    buffer().writeShort(value);
    return this;
  }

  /** Writes a 32-bit number. */
  public FieldWriter longInt(long value) {
    buffer().writeInt((int) value);
    return this;
  }

  /** Writes a 64-bit number. */
  public FieldWriter longLong(long value) {
    buffer().writeLong(value);
    return this;
  }

  /** Writes a bit; those that follow each other share a byte, the lowest first. */
  public FieldWriter bit(boolean value) {
    int which = nextBit;
    if (which == 0 || which == 8) {
      out.writeByte(0);
      which = 0;
    }
    if (value) {
      int last = out.writerIndex() - 1;
      out.setByte(last, out.getByte(last) | 1 << which);
    }
    nextBit = which + 1;
    return this;
  }

  /** Writes a short string; what is longer than it may be is cut off between characters. */
  public FieldWriter shortString(String value) {
    return shortBytes(value.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes a short string; what is longer than it may be is cut off between characters. */
  public FieldWriter shortBytes(byte[] value) {
    int length = Math.min(value.length, SHORT_STRING_BYTES);
    if (length < value.length) {
      while (length > 0 && (value[length] & 0xC0) == 0x80) {
        length--;
      }
    }
    buffer().writeByte(length).writeBytes(value, 0, length);
    return this;
  }

  /** Writes a long string. */
  public FieldWriter longString(String value) {
    return longBytes(value.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes a long string. */
  public FieldWriter longBytes(byte[] value) {
    buffer().writeInt(value.length).writeBytes(value);
    return this;
  }

  /** Writes a field table. */
  public FieldWriter table(Map<String, Object> table) {
    FieldTable.write(this, table);
    return this;
  }

  /** Returns a short string as it stands on the wire. */
  public static byte[] shortStringImage(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    ByteBuf out = io.netty.buffer.Unpooled.buffer(1 + bytes.length);
    new FieldWriter(out).shortBytes(bytes);
    return Arrays.copyOf(out.array(), out.readableBytes());
  }
}
