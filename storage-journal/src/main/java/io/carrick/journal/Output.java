package io.carrick.journal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes that grow: numbers in as few bytes as they need. Confined to the calling thread. Not final,
 * so that a test's can run out of memory anywhere.
 */
class Output {

  private static final int MORE = 0x80;
  private static final int VARINT_BYTES = 10;

  private byte[] bytes;
  private int length;

  Output(int capacity) {
    bytes = new byte[capacity];
  }

  final int length() {
    return length;
  }

  /** Returns the bytes themselves; the first {@link #length()} count. */
  final byte[] array() {
    return bytes;
  }

  final void octet(int value) {
    room(1);
    bytes[length++] = (byte) value;
  }

  /** Writes a number, short if it is not negative and small. */
  final void number(long value) {
    room(VARINT_BYTES);
    long rest = value;
    while ((rest & -MORE) != 0) {
      bytes[length++] = (byte) (rest | MORE);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  /** Writes a number, short if it is near zero on either side. */
  final void difference(long value) {
    number((value << 1) ^ (value >> (Long.SIZE - 1)));
  }

  final void text(String value) {
    bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes bytes behind their length. */
  final void bytes(byte[] value) {
    number(value.length);
    raw(value, 0, value.length);
  }

  final void raw(byte[] from, int offset, int count) {
    room(count);
    System.arraycopy(from, offset, bytes, length, count);
    length += count;
  }

  /** Leaves room that is filled in later. */
  final void skip(int count) {
    room(count);
    length += count;
  }

  /** Forgets what is behind a length. */
  final void cut(int wholeLength) {
    length = wholeLength;
  }

  /** Makes room for some more bytes; whatever is written asks here first. */
  void room(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
    }
  }
}
