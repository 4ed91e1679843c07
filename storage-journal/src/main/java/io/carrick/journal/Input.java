package io.carrick.journal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads what {@link Output} has written. Confined to the calling thread. */
final class Input {

  private final byte[] bytes;
  private final int end;
  private int at;

  Input(byte[] bytes, int from, int end) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  /** Says that bytes are not what they should be; whoever knows the file adds it. */
  static final class MalformedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    MalformedException(String message) {
      super(message);
    }
  }

  byte[] array() {
    return bytes;
  }

  int at() {
    return at;
  }

  boolean atEnd() {
    return at >= end;
  }

  int octet() {
    if (at >= end) {
      throw new MalformedException("a record that ends too early");
    }
    return bytes[at++] & 0xFF;
  }

  long number() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      int next = octet();
      value |= (long) (next & 0x7F) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new MalformedException("a number that does not end");
  }

  long difference() {
    long value = number();
    return (value >>> 1) ^ -(value & 1);
  }

  /** Reads a number that counts something in this record. */
  int count() {
    long value = number();
    if (value < 0 || value > end - at) {
      throw new MalformedException("a length of " + value + " in a record of " + end);
    }
    return (int) value;
  }

  byte[] bytes() {
    int length = count();
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  String text() {
    int length = count();
    at += length;
    return new String(bytes, at - length, length, StandardCharsets.UTF_8);
  }

  /** Passes over bytes behind their length and returns that. */
  int skipBytes() {
    int length = count();
    at += length;
    return length;
  }
}
