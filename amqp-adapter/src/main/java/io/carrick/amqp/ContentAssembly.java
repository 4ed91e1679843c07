package io.carrick.amqp;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.amqp.codec.AmqpException;
import io.carrick.amqp.codec.AmqpProperties;
import io.carrick.amqp.codec.BasicMethod;
import io.carrick.amqp.codec.FieldReader;
import io.carrick.amqp.codec.Method;
import io.carrick.amqp.codec.ReplyCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Puts a method, its header and its bodies together. AMQP 0-9-1 §4.2.6. Confined to the event loop
 * of its connection.
 *
 * <p>Most publishers publish to the same few places with the same properties: properties that have
 * the same bytes as the last ones are the last ones.
 */
final class ContentAssembly {

  private static final byte[] NO_BYTES = {};
  private static final int ACK = BasicMethod.CLASS_ID << 16 | 80;

  /** Class, method, tag, and whether it is about all before it as well. */
  private static final int ACK_BYTES = 13;

  private static final int PUBLISH = BasicMethod.CLASS_ID << 16 | 40;

  /** Class, weight and body size. */
  private static final int HEADER_BYTES = 12;

  /** Room that an announcement alone is given; most bodies are smaller. */
  private static final int FIRST_BYTES = 1 << 17;

  private final FieldReader fields;
  private final KnownPublishes known;
  private final long maxBodyBytes;
  private final int transientQos;
  private Expected expected = Expected.METHOD;

  private BasicMethod.@Nullable Publish publish;
  private @Nullable AmqpProperties properties;
  private byte[] body = NO_BYTES;
  private int bodyBytes;
  private int filled;

  private ByteBuf propertiesImage = Unpooled.EMPTY_BUFFER;

  private enum Expected {
    METHOD,
    HEADER,
    BODY,
    /** The content is complete and is about to be taken. */
    NOTHING
  }

  /**
   * Makes one for a channel.
   *
   * @param transientQos of messages that are not persistent and say none themselves
   */
  ContentAssembly(FieldReader fields, Limits limits, int transientQos) {
    this.transientQos = transientQos;
    this.fields = fields;
    this.known = new KnownPublishes(fields);
    this.maxBodyBytes = Math.min(Integer.MAX_VALUE - 8, limits.value(Limit.MESSAGE_BYTES));
  }

  /** Returns whether a method frame is a whole basic.ack, and at a place where one may be. */
  boolean isAck(ByteBuf in, int start, int bytes) {
    return expected == Expected.METHOD && bytes == ACK_BYTES && in.getInt(start) == ACK;
  }

  /** Reads a method frame. */
  Method method(ByteBuf in, int start, int bytes) {
    if (expected != Expected.METHOD) {
      throw unexpected();
    }
    if (bytes >= 4 && in.getInt(start) == PUBLISH) {
      BasicMethod.Publish read = known.method(in, start, bytes);
      publish = read;
      expected = Expected.HEADER;
      return read;
    }
    return Method.read(fields.over(in, start, bytes));
  }

  /** Reads a header frame. */
  void header(ByteBuf in, int start, int bytes) {
    if (expected != Expected.HEADER) {
      throw unexpected();
    }
    if (bytes < HEADER_BYTES + 2) {
      throw new AmqpException(ReplyCode.FRAME_ERROR, "the content header is too short");
    }
    int classId = in.getUnsignedShort(start);
    if (in.getShort(start + 2) != 0) { // AMQP 0-9-1 §4.2.6.1: the weight is 0
      throw unexpected();
    } else if (classId != BasicMethod.CLASS_ID) {
      throw blamed(
          ReplyCode.UNEXPECTED_FRAME,
          "expected content header for class 60, got one for class " + classId + " instead");
    }
    long size = in.getLong(start + 4);
    properties(in, start + HEADER_BYTES, bytes - HEADER_BYTES);
    if (size < 0 || size > maxBodyBytes) {
      throw new AmqpException(
          ReplyCode.CONTENT_TOO_LARGE,
          "message size "
              + Long.toUnsignedString(size)
              + " is larger than the maximum size "
              + maxBodyBytes,
          BasicMethod.CLASS_ID,
          40);
    }
    bodyBytes = (int) size;
    body = new byte[Math.min(bodyBytes, FIRST_BYTES)];
    filled = 0;
    expected = size == 0 ? Expected.NOTHING : Expected.BODY;
  }

  private void properties(ByteBuf in, int start, int bytes) {
    if (properties != null
        && bytes == propertiesImage.capacity()
        && ByteBufUtil.equals(propertiesImage, 0, in, start, bytes)) {
      return;
    }
    byte[] image = new byte[bytes];
    in.getBytes(start, image);
    properties = AmqpProperties.of(image, fields, transientQos);
    propertiesImage = Unpooled.wrappedBuffer(image);
  }

  /** Reads a body frame. */
  void body(ByteBuf in, int start, int bytes) {
    if (expected != Expected.BODY) {
      throw unexpected();
    }
    if (bytes > bodyBytes - filled) {
      throw blamed(ReplyCode.FRAME_ERROR, "content body frame exceeds remaining content size");
    }
    makeRoom(filled + bytes);
    in.getBytes(start, body, filled, bytes);
    filled += bytes;
    if (filled == bodyBytes) {
      expected = Expected.NOTHING;
    }
  }

  /** In RabbitMQ's words. */
  private AmqpException unexpected() {
    return switch (expected) {
      case HEADER ->
          blamed(
              ReplyCode.UNEXPECTED_FRAME,
              "expected content header for class 60, got non content header frame instead");
      case BODY ->
          blamed(
              ReplyCode.UNEXPECTED_FRAME,
              "expected content body, got non content body frame instead");
      case METHOD, NOTHING ->
          new AmqpException(
              ReplyCode.UNEXPECTED_FRAME, "expected method frame, got non method frame instead");
    };
  }

  /** About the publish whose content is coming. */
  private static AmqpException blamed(ReplyCode code, String text) {
    return new AmqpException(code, text, BasicMethod.CLASS_ID, PUBLISH & 0xFFFF);
  }

  /** Grows with what has come, not with what was announced. */
  private void makeRoom(int wanted) {
    if (wanted > body.length) {
      long twice = Math.max(wanted, 2L * body.length);
      body = Arrays.copyOf(body, (int) Math.min(bodyBytes, twice));
    }
  }

  /** Returns whether a content is complete; the next frame starts anew. */
  boolean complete() {
    if (expected == Expected.NOTHING) {
      expected = Expected.METHOD;
      return true;
    }
    return false;
  }

  BasicMethod.Publish publish() {
    return present(publish);
  }

  AmqpProperties properties() {
    return present(properties);
  }

  /** Returns the body, which is the caller's from now on. */
  byte[] takeBody() {
    byte[] taken = body;
    body = NO_BYTES;
    return taken;
  }

  private static <T> T present(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("the content is not complete");
    }
    return part;
  }

  void reset() {
    expected = Expected.METHOD;
    body = NO_BYTES;
  }
}
