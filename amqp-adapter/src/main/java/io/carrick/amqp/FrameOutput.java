package io.carrick.amqp;

import io.carrick.Message;
import io.carrick.amqp.codec.BasicMethod;
import io.carrick.amqp.codec.FieldWriter;
import io.carrick.amqp.codec.FrameReader;
import io.carrick.amqp.codec.FrameWriter;
import io.carrick.amqp.codec.Method;
import io.carrick.transport.Connection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Writes frames to a peer. Confined to the event loop of its connection. */
final class FrameOutput {

  private static final byte[] PROTOCOL_HEADER = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};

  /** Bytes of the arguments of basic.deliver that are always there, with class and method. */
  private static final int DELIVER_BYTES = 4 + 8 + 1 + 1;

  private final Connection connection;
  private int maxPayloadBytes = FrameReader.MIN_FRAME_BYTES - FrameReader.OVERHEAD_BYTES;
  private boolean wrote;
  private String exchange = "";
  private byte[] exchangeImage = FieldWriter.shortStringImage("");

  FrameOutput(Connection connection) {
    this.connection = connection;
  }

  /** Sets the size of whole frames that the peer takes. */
  void maxFrameBytes(int bytes) {
    maxPayloadBytes = bytes - FrameReader.OVERHEAD_BYTES;
  }

  /** Returns how many bytes the peer has not taken yet. */
  long pendingBytes() {
    return connection.pendingBytes();
  }

  /** Returns whether anything was written since this was asked last. */
  boolean wroteSinceAsked() {
    boolean did = wrote;
    wrote = false;
    return did;
  }

  private ByteBuf reserve(int bytes) {
    wrote = true;
    return connection.output().reserve(bytes);
  }

  void protocolHeader() {
    reserve(PROTOCOL_HEADER.length).writeBytes(PROTOCOL_HEADER);
  }

  void heartbeat() {
    FrameWriter.heartbeat(reserve(FrameReader.OVERHEAD_BYTES));
  }

  void method(int channel, Method method) {
    ByteBuf frame = Unpooled.buffer(64);
    FrameWriter.method(frame, channel, method);
    reserve(frame.readableBytes()).writeBytes(frame);
  }

  /** Confirms a publish, or all up to it. */
  void ack(int channel, long tag, boolean multiple) {
    ByteBuf out = reserve(21);
    FrameWriter.head(out, FrameReader.METHOD, channel, 13);
    out.writeShort(BasicMethod.CLASS_ID).writeShort(80).writeLong(tag);
    out.writeByte(multiple ? 1 : 0).writeByte(FrameReader.FRAME_END);
  }

  /**
   * Returns whether a header frame with these properties is one that the peer takes. Bodies are cut
   * into frames, a header cannot be. AMQP 0-9-1 §4.2.3
   */
  boolean fits(byte[] properties) {
    return FrameWriter.HEADER_FRAME_BYTES - FrameReader.OVERHEAD_BYTES + properties.length
        <= maxPayloadBytes;
  }

  /**
   * Writes a method that is followed by a message: basic.return, basic.get-ok.
   *
   * @param properties the message's, which {@linkplain #fits fit}
   */
  void content(int channel, Method method, Message message, byte[] properties) {
    method(channel, method);
    int bytes = FrameWriter.HEADER_FRAME_BYTES + properties.length;
    FrameWriter.header(reserve(bytes), channel, message.payload().length, properties);
    body(channel, message.payload());
  }

  /**
   * Writes a delivery, the one thing here that has to be fast.
   *
   * @param consumerTag as it stands on the wire
   * @param properties the message's, which {@linkplain #fits fit}
   */
  void deliver(
      int channel,
      byte[] consumerTag,
      long deliveryTag,
      boolean redelivered,
      Message message,
      byte[] properties) {
    byte[] from = exchangeImage(message.exchange());
    byte[] key = Crossing.key(message);
    byte[] payload = message.payload();
    int method = DELIVER_BYTES + consumerTag.length + from.length + key.length;
    boolean oneFrame = payload.length > 0 && payload.length <= maxPayloadBytes;
    ByteBuf out =
        reserve(
            method
                + 3 * FrameReader.OVERHEAD_BYTES
                + FrameWriter.HEADER_FRAME_BYTES
                + properties.length);
    FrameWriter.head(out, FrameReader.METHOD, channel, method);
    out.writeShort(BasicMethod.CLASS_ID).writeShort(60);
    out.writeBytes(consumerTag).writeLong(deliveryTag).writeByte(redelivered ? 1 : 0);
    out.writeBytes(from).writeByte(key.length).writeBytes(key);
    out.writeByte(FrameReader.FRAME_END);
    FrameWriter.header(out, channel, payload.length, properties);
    if (oneFrame) {
      FrameWriter.head(out, FrameReader.BODY, channel, payload.length);
      connection.output().payload(payload, 0, payload.length);
      reserve(1).writeByte(FrameReader.FRAME_END);
    } else {
      body(channel, payload);
    }
  }

  private byte[] exchangeImage(String name) {
    if (!name.equals(exchange)) {
      exchange = name;
      exchangeImage = FieldWriter.shortStringImage(name);
    }
    return exchangeImage;
  }

  private void body(int channel, byte[] payload) {
    int at = 0;
    while (at < payload.length) {
      int bytes = Math.min(payload.length - at, maxPayloadBytes);
      FrameWriter.head(reserve(7), FrameReader.BODY, channel, bytes);
      connection.output().payload(payload, at, bytes);
      reserve(1).writeByte(FrameReader.FRAME_END);
      at += bytes;
    }
  }
}
