package io.carrick.amqp.codec;

import io.netty.buffer.ByteBuf;

/**
 * Finds frames in what was read. Confined to the event loop of its connection; it keeps where the
 * last frame was and no bytes.
 */
public final class FrameReader {

  /** A frame of one method. */
  public static final int METHOD = 1;

  /** A frame with the size and properties of a content. */
  public static final int HEADER = 2;

  /** A frame with bytes of a content. */
  public static final int BODY = 3;

  /** A frame that says that the peer is there. */
  public static final int HEARTBEAT = 8;

  /** The byte behind every frame. */
  public static final int FRAME_END = 0xCE;

  /** Bytes of a frame beside its payload: type, channel, size and end. */
  public static final int OVERHEAD_BYTES = 8;

  /** The smallest frame size that a peer may ask for. AMQP 0-9-1 §1.1 (frame-min-size). */
  public static final int MIN_FRAME_BYTES = 4096;

  private static final int HEAD_BYTES = 7;

  private int maxPayloadBytes = MIN_FRAME_BYTES - OVERHEAD_BYTES;
  private int type;
  private int channel;
  private int payloadStart;
  private int payloadBytes;

  /**
   * Sets the size of frames that is agreed upon. As with RabbitMQ a frame may have as much without
   * what is around its payload, since quite a few clients understand it so.
   */
  public void maxFrameBytes(int bytes) {
    maxPayloadBytes = bytes;
  }

  /**
   * Moves behind the next frame, if it is there as a whole.
   *
   * @return whether there was one; if not, nothing has been consumed
   * @throws AmqpException 501 when what is there cannot be a frame
   */
  public boolean next(ByteBuf in) {
    int readable = in.readableBytes();
    if (readable == 0) {
      return false;
    }
    int at = in.readerIndex();
    type = in.getByte(at);
    // A wrong type is told at once: the rest of what is no frame may never come.
    if (type != METHOD && type != HEADER && type != BODY && type != HEARTBEAT) {
      throw new AmqpException(ReplyCode.FRAME_ERROR, "unknown frame type " + (type & 0xFF));
    }
    if (readable < HEAD_BYTES) {
      return false;
    }
    channel = in.getUnsignedShort(at + 1);
    long size = in.getUnsignedInt(at + 3);
    if (size > maxPayloadBytes) {
      throw new AmqpException(
          ReplyCode.FRAME_ERROR,
          "frame of " + size + " bytes is larger than " + maxPayloadBytes + " bytes");
    }
    if (readable < size + OVERHEAD_BYTES) {
      return false;
    }
    payloadStart = at + HEAD_BYTES;
    payloadBytes = (int) size;
    if (in.getUnsignedByte(payloadStart + payloadBytes) != FRAME_END) {
      throw new AmqpException(ReplyCode.FRAME_ERROR, "frame has no frame-end octet");
    }
    in.readerIndex(payloadStart + payloadBytes + 1);
    return true;
  }

  /** Returns the type of the last frame. */
  public int type() {
    return type;
  }

  /** Returns the channel of the last frame. */
  public int channel() {
    return channel;
  }

  /** Returns where the last frame's payload starts in the buffer. */
  public int payloadStart() {
    return payloadStart;
  }

  /** Returns the length of the last frame's payload. */
  public int payloadBytes() {
    return payloadBytes;
  }
}
