package io.carrick.transport;

import io.carrick.spi.HeldBytes.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Finds whole TLS records in what is read (RFC 8446 §5.1), so that nothing else is kept of a
 * connection than a part of one. Confined to the connection's loop.
 *
 * <p>Netty's handler would keep the buffer that was read into, which is the whole loop's.
 */
// Buffers are asked whether they are the same, not equal; Netty tells the pipeline of failures.
@SuppressWarnings({"ReferenceEquality", "FutureReturnValueIgnored"})
final class TlsRecords extends ChannelInboundHandlerAdapter {

  private static final int HEADER_BYTES = 5;

  /** The type of a record. RFC 5246 §6.2.1 */
  private static final int HANDSHAKE = 22;

  /** With what encryption may add. RFC 5246 §6.2.3 */
  private static final int MOST_RECORD_BYTES = (16 << 10) + 2_048;

  /** More than any handshake needs. What comes beyond waits until it is over. */
  private static final int MOST_HANDSHAKE_BYTES = 64 << 10;

  private final Connection connection;

  /** The beginning of a record; null without. */
  private @Nullable ByteBuf partial;

  /** Where the read that is going on goes; not ours. */
  private @Nullable ByteBuf lent;

  /** What was read during the handshake, which Netty's handler may still have; 0 afterwards. */
  private int handshakeBytes;

  private boolean shaking = true;
  private boolean paused;

  TlsRecords(Connection connection) {
    this.connection = connection;
  }

  /** Returns where the next read goes: behind what is there of a record. */
  ByteBuf readInto() {
    ByteBuf into = connection.nettyLoop().receiveBuffer();
    lent = into;
    ByteBuf kept = partial; // kept until the read has brought something
    return kept == null ? into : into.writeBytes(kept, kept.readerIndex(), kept.readableBytes());
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof ByteBuf bytes)) {
      context.fireChannelRead(message);
      return;
    }
    ByteBuf in = joined(bytes);
    if (!shaking && handshakes(in)) {
      in.release();
      context.fireExceptionCaught(new SSLException("a second handshake is not taken"));
      context.close();
      return;
    }
    int whole = wholeRecords(in);
    if (whole < in.readableBytes()) {
      int start = in.readerIndex() + whole;
      int length = in.writerIndex() - start;
      keep(connection.allocator().directBuffer(length).writeBytes(in, start, length));
    }
    if (whole > 0) {
      context.fireChannelRead(
          shaking ? copied(in, whole) : in.retainedSlice(in.readerIndex(), whole));
    }
    in.release();
  }

  /** Returns what was read behind what was there; {@link #readInto} has joined it already. */
  private ByteBuf joined(ByteBuf bytes) {
    ByteBuf kept = partial;
    boolean ours = bytes == lent;
    lent = null;
    if (kept == null) {
      return bytes;
    }
    ByteBuf both = bytes;
    if (!ours) {
      int length = kept.readableBytes() + bytes.readableBytes();
      both = connection.allocator().directBuffer(length).writeBytes(kept).writeBytes(bytes);
      bytes.release();
    }
    release();
    return both;
  }

  /** Returns how many bytes whole records have; all of them if there is something else. */
  private static int wholeRecords(ByteBuf in) {
    int start = in.readerIndex();
    int there = in.readableBytes();
    int at = 0;
    while (there - at >= HEADER_BYTES) {
      int length = HEADER_BYTES + in.getUnsignedShort(start + at + 3);
      if (!isRecord(in, start + at) || length > MOST_RECORD_BYTES) {
        return there; // Netty's handler says that it is no TLS
      }
      if (there - at < length) {
        break;
      }
      at += length;
    }
    return at;
  }

  /**
   * Returns whether a record begins another handshake. In TLS 1.2 that is renegotiation, which
   * would be without the bounds of the first; in TLS 1.3 no such record is seen from outside.
   */
  private static boolean handshakes(ByteBuf in) {
    int at = in.readerIndex();
    while (in.writerIndex() - at >= HEADER_BYTES) {
      if (in.getUnsignedByte(at) == HANDSHAKE) {
        return true;
      }
      at += HEADER_BYTES + in.getUnsignedShort(at + 3);
    }
    return false;
  }

  private static boolean isRecord(ByteBuf in, int at) {
    int type = in.getUnsignedByte(at);
    return type >= 20 && type <= 24 && in.getUnsignedByte(at + 1) == 3;
  }

  /** While a worker computes, Netty's handler waits with what it gets: it gets bytes of its own. */
  private ByteBuf copied(ByteBuf in, int length) {
    handshakeBytes += length;
    note(length);
    if (handshakeBytes > MOST_HANDSHAKE_BYTES && !paused) {
      paused = true;
      connection.pauseReading();
    }
    return connection.allocator().heapBuffer(length).writeBytes(in, in.readerIndex(), length);
  }

  /** The handshake is over. */
  void established() {
    forgetHandshake();
    if (paused) {
      paused = false;
      connection.resumeReading();
    }
  }

  private void forgetHandshake() {
    shaking = false;
    note(-handshakeBytes);
    handshakeBytes = 0;
  }

  /** The channel is closed. */
  void gone() {
    forgetHandshake();
    release();
  }

  private void keep(ByteBuf bytes) {
    partial = bytes;
    note(bytes.capacity());
  }

  private void release() {
    ByteBuf kept = partial;
    if (kept != null) {
      note(-kept.capacity());
      kept.release();
      partial = null;
    }
  }

  private void note(int bytes) {
    connection.nettyLoop().held().add(Kind.CONNECTIONS, bytes);
  }
}
