package io.carrick.amqp.codec;

import io.netty.buffer.ByteBuf;

/** Writes frames. AMQP 0-9-1 §4.2.3. Stateless. */
public final class FrameWriter {

  /** Bytes of a header frame beside the properties: frame, class, weight and body size. */
  public static final int HEADER_FRAME_BYTES = FrameReader.OVERHEAD_BYTES + 12;

  private FrameWriter() {}

  /** Writes a method frame. */
  public static void method(ByteBuf out, int channel, Method method) {
    int start = begin(out, FrameReader.METHOD, channel);
    method.write(new FieldWriter(out));
    end(out, start);
  }

  /** Starts a frame whose size is not known yet; returns what {@link #end} wants. */
  public static int begin(ByteBuf out, int type, int channel) {
    head(out, type, channel, 0);
    return out.writerIndex();
  }

  /** Ends a frame that {@link #begin} has started. */
  public static void end(ByteBuf out, int payloadStart) {
    out.setInt(payloadStart - 4, out.writerIndex() - payloadStart);
    out.writeByte(FrameReader.FRAME_END);
  }

  /** Writes a frame's type, channel and size. */
  public static void head(ByteBuf out, int type, int channel, int payloadBytes) {
    out.writeByte(type).writeShort(channel).writeInt(payloadBytes);
  }

  /**
   * Writes a header frame.
   *
   * @param properties flags and properties as they stand on the wire
   */
  public static void header(ByteBuf out, int channel, long bodyBytes, byte[] properties) {
    head(out, FrameReader.HEADER, channel, 12 + properties.length);
    out.writeShort(BasicMethod.CLASS_ID).writeShort(0).writeLong(bodyBytes);
    out.writeBytes(properties).writeByte(FrameReader.FRAME_END);
  }

  /** Writes a heartbeat. */
  public static void heartbeat(ByteBuf out) {
    head(out, FrameReader.HEARTBEAT, 0, 0);
    out.writeByte(FrameReader.FRAME_END);
  }
}
