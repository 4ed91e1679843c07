package io.carrick.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A channel of Netty: the JDK's sockets, Unix sockets, connections inside this JVM, and whatever
 * needs a pipeline. Confined to its loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty tells the pipeline of failures
final class ChannelSocket implements ConnectionSocket {

  /** Reads of one connection in a turn, so that the others get their share. */
  private static final int READS_PER_TURN = 4;

  private static final int HIGH_WATER_BYTES = 128 << 10;

  private final Connection connection;
  private final Channel channel;

  /** What is spoken beneath the protocol; null for nothing. */
  private final @Nullable Layers layers;

  private boolean opened;
  private boolean inputEnded;

  ChannelSocket(Channel channel, Connection connection) {
    this.connection = connection;
    this.channel = channel;
    this.layers = Layers.of(connection, channel);
    channel.config().setRecvByteBufAllocator(new ReadTargets());
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true); // if it knows of that
    // While Netty takes more it says nothing: what it has then must count as drained.
    long limit = connection.endpoint().outputBytes();
    int high = (int) Math.max(2, Math.min(HIGH_WATER_BYTES, limit / OutputBuffer.DRAINED_PART));
    channel
        .config()
        .setOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(high / 2, high));
  }

  @Override
  public void open(ConnectionHandler.Factory handlers) {
    if (layers != null) {
      layers.addTo(channel.pipeline());
    }
    channel.pipeline().addLast(new Events(handlers));
    channel.closeFuture().addListener(closed -> gone());
    connection
        .nettyLoop()
        .io()
        .register(channel.newPromise())
        .addListener(
            registered -> {
              if (!registered.isSuccess()) {
                channel.unsafe().closeForcibly();
              }
            });
  }

  private void gone() {
    if (layers != null) {
      layers.gone(opened, connection.endReason());
    }
    connection.gone();
  }

  @Override
  public @Nullable SocketAddress remoteAddress() {
    return layers == null ? channel.remoteAddress() : layers.remoteAddress();
  }

  @Override
  public List<X509Certificate> peerCertificates() {
    return layers == null ? List.of() : layers.peerCertificates();
  }

  @Override
  public void reading(boolean on) {
    channel.config().setAutoRead(on);
  }

  @Override
  public boolean writable() {
    return channel.isWritable();
  }

  @Override
  public void write(ByteBuf bytes) {
    channel.write(bytes, channel.voidPromise());
  }

  @Override
  public void flush() {
    channel.flush();
  }

  @Override
  public long pendingBytes() {
    ChannelOutboundBuffer outbound = channel.unsafe().outboundBuffer();
    if (outbound == null || outbound.isEmpty()) {
      return 0;
    }
    if (layers != null && layers.encrypts()) {
      return outbound.totalPendingWriteBytes(); // with what is not encrypted yet
    }
    var sum = new ReadableSum();
    try {
      outbound.forEachFlushedMessage(sum);
    } catch (Exception e) {
      throw new IllegalStateException("counting bytes failed", e);
    }
    return sum.bytes;
  }

  @Override
  public void end() {
    if (layers != null && layers.silent()) {
      connection.ended(false);
      return;
    }
    ChannelFuture last =
        layers == null ? channel.writeAndFlush(Unpooled.EMPTY_BUFFER) : layers.end();
    last.addListener(
        written -> {
          if (written.isSuccess() || layers != null) { // whose goodbye may have been said before
            shutDownOutput();
          }
        });
    if (!last.isDone()) {
      connection.output().end(); // so that the time that the peer has for this is measured, too
    }
  }

  private void shutDownOutput() {
    if (layers != null && layers.peerAnswersEnd()) {
      connection.ended(!inputEnded);
    } else if (channel instanceof DuplexChannel socket) {
      socket.shutdownOutput();
      connection.ended(!inputEnded);
    } else {
      connection.ended(false);
    }
  }

  @Override
  public void close() {
    if (layers == null) {
      channel.close();
    } else {
      layers.close(pendingBytes() == 0);
    }
  }

  /** Netty's events. Confined to its loop. */
  private final class Events extends ChannelInboundHandlerAdapter {

    private final ConnectionHandler.Factory handlers;

    Events(ConnectionHandler.Factory handlers) {
      this.handlers = handlers;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      opened = true;
      if (layers != null) {
        layers.opened();
      }
      connection.opened(handlers);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof ByteBuf bytes) {
        connection.received(bytes);
      } else {
        ended(message == LocalPeer.END);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      ended(event instanceof ChannelInputShutdownEvent || (layers != null && layers.event(event)));
    }

    private void ended(boolean really) {
      if (!really || inputEnded) {
        return;
      }
      inputEnded = true;
      if (layers != null && layers.silent()) {
        connection.close(EndReason.PEER);
      } else {
        connection.inputEnded();
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      connection.writabilityChanged();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (layers == null) {
        connection.failed(cause);
      } else if (!layers.hasFailed()) {
        connection.failed(cause instanceof DecoderException ? causeOf(cause) : cause);
      }
    }

    private static Throwable causeOf(Throwable wrapped) {
      Throwable cause = wrapped.getCause();
      return cause == null ? wrapped : cause;
    }
  }

  /** Says where reads go. Confined to its loop. */
  private final class ReadTargets extends DefaultMaxMessagesRecvByteBufAllocator {

    ReadTargets() {
      super(READS_PER_TURN);
    }

    @Override
    @SuppressWarnings("deprecation") // Netty names the deprecated type, and asks for it
    public Handle newHandle() {
      return new MaxMessageHandle() {

        @Override
        public ByteBuf allocate(ByteBufAllocator ignored) {
          return layers == null ? connection.readInto() : layers.readInto();
        }

        @Override
        public int guess() {
          return InputBuffer.LEAST_READ_BYTES;
        }
      };
    }
  }

  /** Adds up what Netty holds. */
  private static final class ReadableSum implements ChannelOutboundBuffer.MessageProcessor {

    private long bytes;

    @Override
    public boolean processMessage(Object message) {
      if (message instanceof ByteBuf buffer) {
        bytes += buffer.readableBytes();
      }
      return true;
    }
  }
}
