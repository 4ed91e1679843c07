package io.carrick.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.ByteToMessageDecoder.Cumulator;

/**
 * Gives a decoder of Netty bytes of its own: what it keeps of a read is as large as that, and not
 * the buffer that was read into, which is the whole loop's. Stateless.
 */
final class OwnBytes implements Cumulator {

  static final OwnBytes COPIED = new OwnBytes();

  private OwnBytes() {}

  @Override
  public ByteBuf cumulate(ByteBufAllocator allocator, ByteBuf kept, ByteBuf in) {
    if (kept.isReadable()) {
      return ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(allocator, kept, in);
    }
    kept.release();
    try {
      return allocator.buffer(in.readableBytes()).writeBytes(in);
    } finally {
      in.release();
    }
  }
}
