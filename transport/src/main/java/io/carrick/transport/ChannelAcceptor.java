package io.carrick.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import java.io.IOException;
import java.net.SocketAddress;

/** A server channel of Netty. Confined to its loop. */
@SuppressWarnings("FutureReturnValueIgnored") // Netty tells the pipeline of failures
final class ChannelAcceptor extends ChannelInboundHandlerAdapter implements Acceptor {

  private final Sockets sockets;
  private final ServerChannel channel;
  private final NettyLoop loop;
  private final Listener listener;

  ChannelAcceptor(Sockets sockets, ServerChannel channel, NettyLoop loop, Listener listener) {
    this.sockets = sockets;
    this.channel = channel;
    this.loop = loop;
    this.listener = listener;
  }

  @Override
  public SocketAddress open(SocketAddress wanted) throws IOException {
    if (sockets.overNetwork()) {
      channel.config().setOption(ChannelOption.SO_REUSEADDR, true);
      channel.config().setOption(ChannelOption.SO_BACKLOG, BACKLOG);
    }
    channel.pipeline().addLast(this);
    loop.io().register(channel); // done at once, since this is the loop
    ChannelFuture bound = channel.bind(sockets.toBind(wanted)); // done at once, too
    if (!bound.isSuccess()) {
      throw new IOException(String.valueOf(bound.cause().getMessage()), bound.cause());
    }
    return sockets.bound(wanted, channel);
  }

  @Override
  public void accepting(boolean on) {
    channel.config().setAutoRead(on);
  }

  @Override
  public void close() {
    channel.close();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    arrived((Channel) message);
  }

  /** A peer has connected. */
  void arrived(Channel peer) {
    if (listener.admits(peer::remoteAddress)) {
      listener.accepted(connection -> new ChannelSocket(peer, connection));
    } else {
      loop.io().register(peer).addListener(registered -> peer.close());
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    listener.failed(cause);
  }
}
