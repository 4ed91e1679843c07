package io.carrick.amqp;

import io.carrick.amqp.codec.BasicMethod;
import io.carrick.amqp.codec.FieldReader;
import io.carrick.amqp.codec.Method;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * The places that a channel has published to lately: publishers repeat them, and a known one costs
 * no allocation. Confined to the event loop of its connection.
 */
final class KnownPublishes {

  private static final int SLOTS = 32;

  private final FieldReader fields;
  private @Nullable Known last;

  /** Those before the last, by their hash; made for the second place. */
  private @Nullable Known @Nullable [] earlier;

  /** A method as it stood on the wire. Immutable. */
  private record Known(ByteBuf image, int hash, BasicMethod.Publish method) {

    boolean is(ByteBuf in, int start, int bytes) {
      return bytes == image.capacity() && ByteBufUtil.equals(image, 0, in, start, bytes);
    }

    int slot() {
      return hash & (SLOTS - 1);
    }
  }

  KnownPublishes(FieldReader fields) {
    this.fields = fields;
  }

  /** Returns the method that is the payload of a frame. */
  BasicMethod.Publish method(ByteBuf in, int start, int bytes) {
    Known known = last;
    if (known == null) {
      known = read(in, start, bytes, hash(in, start, bytes));
      last = known;
    } else if (!known.is(in, start, bytes)) {
      known = another(known, in, start, bytes);
      last = known;
    }
    return known.method;
  }

  private Known another(Known before, ByteBuf in, int start, int bytes) {
    @Nullable Known[] table = earlier;
    if (table == null) {
      table = new @Nullable Known[SLOTS];
      earlier = table;
    }
    int hash = hash(in, start, bytes);
    Known there = table[hash & (SLOTS - 1)];
    table[before.slot()] = before;
    return there != null && there.is(in, start, bytes) ? there : read(in, start, bytes, hash);
  }

  private Known read(ByteBuf in, int start, int bytes, int hash) {
    var method = (BasicMethod.Publish) Method.read(fields.over(in, start, bytes));
    byte[] image = new byte[bytes];
    in.getBytes(start, image);
    return new Known(Unpooled.wrappedBuffer(image), hash, method);
  }

  private static int hash(ByteBuf in, int start, int bytes) {
    long hash = bytes;
    int end = start + bytes;
    int at = start;
    for (; at + Long.BYTES <= end; at += Long.BYTES) {
      hash = hash * 31 + in.getLong(at);
    }
    for (; at < end; at++) {
      hash = hash * 31 + in.getByte(at);
    }
    hash *= 0x9E3779B97F4A7C15L; // brings what differs anywhere to the upper bits
    return (int) (hash >>> Integer.SIZE);
  }
}
