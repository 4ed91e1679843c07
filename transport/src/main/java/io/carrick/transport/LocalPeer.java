package io.carrick.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.local.LocalChannel;
import java.io.ByteArrayOutputStream;
import java.net.SocketAddress;

/**
 * The other end of a connection inside the JVM, for tests in {@link VirtualTime}. Confined to the
 * thread that runs the loops.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty tells the pipeline of failures
public final class LocalPeer implements AutoCloseable {

  /** What stands for the end of one direction: a channel inside the JVM has two ends at most. */
  static final Object END = new Object();

  private final VirtualTime time;
  private final NettyLoop loop;
  private final Channel channel = new LocalChannel();
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private boolean closed;

  private LocalPeer(VirtualTime time, NettyLoop loop) {
    this.time = time;
    this.loop = loop;
  }

  static LocalPeer connect(VirtualTime time, NettyLoop loop, SocketAddress listener) {
    var peer = new LocalPeer(time, loop);
    loop.execute(() -> peer.connect(listener));
    time.settle();
    return peer;
  }

  private void connect(SocketAddress listener) {
    channel.pipeline().addLast(new Events());
    loop.io().register(channel.newPromise()).addListener(registered -> channel.connect(listener));
    loop.otherChannels().add(channel);
    channel
        .closeFuture()
        .addListener(
            done -> {
              closed = true;
              loop.otherChannels().remove(channel);
            });
  }

  /** Sends bytes and lets the broker do everything that follows from them. */
  public void send(byte... bytes) {
    byte[] copy = bytes.clone();
    loop.execute(() -> channel.writeAndFlush(Unpooled.wrappedBuffer(copy)));
    time.settle();
  }

  /** Sends nothing more and goes on receiving, as a socket that is half closed. */
  public void endOutput() {
    loop.execute(() -> channel.writeAndFlush(END));
    time.settle();
  }

  /** Sends bytes and {@linkplain #endOutput ends}, so that the broker meets both in one turn. */
  public void sendLast(byte... bytes) {
    byte[] copy = bytes.clone();
    loop.execute(
        () -> {
          channel.write(Unpooled.wrappedBuffer(copy));
          channel.writeAndFlush(END);
        });
    time.settle();
  }

  /** Returns what has come since the last call. */
  public byte[] received() {
    time.settle();
    byte[] bytes = received.toByteArray();
    received.reset();
    return bytes;
  }

  /** Returns whether the connection is closed, by either side. */
  public boolean closed() {
    time.settle();
    return closed;
  }

  /** Closes the connection without a word. */
  @Override
  public void close() {
    if (!loop.ended()) {
      loop.execute(channel::close);
      time.settle();
    }
  }

  /** Collects what comes. */
  private final class Events extends ChannelInboundHandlerAdapter {

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      byte[] copy = new byte[bytes.readableBytes()];
      bytes.readBytes(copy);
      bytes.release();
      received.writeBytes(copy);
    }
  }
}
