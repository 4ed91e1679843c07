package io.carrick.benchmarks.load;

import java.nio.ByteBuffer;

/** What a payload begins with: which run, which publisher, the how-manieth, and when. Immutable. */
record Stamp(int run, int publisher, long number, long sentNanos) {

  static final int BYTES = Integer.BYTES * 2 + Long.BYTES * 2;

  /** Writes the stamp and fills the payload up to its size. */
  void write(ByteBuffer out, int size) {
    out.putInt(run).putInt(publisher).putLong(number).putLong(sentNanos);
    out.position(out.position() + size - BYTES);
  }

  /** Reads a stamp from where a payload begins, without moving the buffer. */
  static Stamp read(ByteBuffer in, int at) {
    return new Stamp(in.getInt(at), in.getInt(at + 4), in.getLong(at + 8), in.getLong(at + 16));
  }
}
