package io.carrick.amqp.codec;

import io.carrick.RoutingKey;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Reads the fields of a method or of properties, from left to right. AMQP 0-9-1 §4.2.5. Confined to
 * the event loop of its connection; made once and pointed at one payload after the other.
 *
 * <p>What ends before it should throws 501, what cannot stand there 502.
 */
public final class FieldReader {

  private final int tableDepth;
  private ByteBuf in = io.netty.buffer.Unpooled.EMPTY_BUFFER;
  private int at;
  private int end;
  private int bits;
  private int nextBit;

  /**
   * Makes a reader that has nothing to read yet.
   *
   * @param tableDepth how deep tables and arrays may be nested
   */
  public FieldReader(int tableDepth) {
    this.tableDepth = tableDepth;
  }

  /** Points it at a payload. */
  public FieldReader over(ByteBuf buffer, int start, int bytes) {
    in = buffer;
    at = start;
    end = start + bytes;
    nextBit = 0;
    return this;
  }

  int tableDepth() {
    return tableDepth;
  }

  int position() {
    return at;
  }

  /** Returns how many bytes are left. */
  public int remaining() {
    return end - at;
  }

  private int advance(int bytes) {
    int from = at;
    if (bytes < 0 || bytes > end - from) {
      throw new AmqpException(ReplyCode.FRAME_ERROR, "a field ends behind its frame");
    }
    at = from + bytes;
    nextBit = 0;
    return from;
  }

  void skip(int bytes) {
    advance(bytes);
  }

  /** Returns whether what comes next is that text, of which nothing is read. */
  boolean startsWith(String ascii) {
    if (ascii.length() > remaining()) {
      return false;
    }
    for (int i = 0; i < ascii.length(); i++) {
      if (in.getByte(at + i) != ascii.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Writes what was read since a position, as it is. */
  void copy(int from, ByteBuf out) {
    out.writeBytes(in, from, at - from);
  }

  /** Reads an unsigned byte. */
  public int octet() {
    return in.getUnsignedByte(advance(1));
  }

  /** Reads an unsigned 16-bit number. */
  public int shortInt() {
    return in.getUnsignedShort(advance(2));
  }

  /** Reads a 32-bit number with its sign. */
  public int signedInt() {
    return in.getInt(advance(4));
  }

  /** Reads an unsigned 32-bit number. */
  public long longInt() {
    return in.getUnsignedInt(advance(4));
  }

  /** Reads a 64-bit number. */
  public long longLong() {
    return in.getLong(advance(8));
  }

  /** Reads a bit; those that follow each other share a byte, the lowest first. */
  public boolean bit() {
    int which = nextBit;
    if (which == 0 || which == 8) {
      bits = in.getUnsignedByte(advance(1));
      which = 0;
    }
    nextBit = which + 1;
    return (bits >> which & 1) != 0;
  }

  /** Reads a short string as a name or text. */
  public String shortString() {
    return text(octet());
  }

  /** Reads a short string that need not be text. */
  public byte[] shortBytes() {
    return bytes(octet());
  }

  /** Reads a routing or binding key. */
  public RoutingKey key() {
    int length = octet();
    return length == 0 ? RoutingKey.EMPTY : RoutingKey.ofKey(bytes(length));
  }

  /** Reads a long string that need not be text. */
  public byte[] longBytes() {
    return bytes(length());
  }

  /** Reads a long string as text. */
  public String longString() {
    return text(length());
  }

  /** Reads a field table. */
  public Map<String, Object> table() {
    return FieldTable.read(this);
  }

  /** Reads the length of a long string, table or array and checks that so much is there. */
  int length() {
    long length = longInt();
    if (length > remaining()) {
      throw new AmqpException(ReplyCode.FRAME_ERROR, "a field ends behind its frame");
    }
    return (int) length;
  }

  byte[] bytes(int length) {
    int from = advance(length);
    byte[] bytes = new byte[length];
    in.getBytes(from, bytes);
    return bytes;
  }

  private String text(int length) {
    byte[] bytes = bytes(length);
    for (byte b : bytes) {
      if (b < 0) {
        return strictUtf8(bytes);
      }
    }
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static String strictUtf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new AmqpException(ReplyCode.SYNTAX_ERROR, "a text is not UTF-8");
    }
  }
}
