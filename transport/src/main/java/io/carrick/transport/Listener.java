package io.carrick.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;

/**
 * The listening socket of an endpoint, in one loop; it spreads connections over all. Confined to
 * that loop, except for {@link #close}.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty tells the pipeline of failures
final class Listener extends ChannelInboundHandlerAdapter {

  private static final int BACKLOG = 1_024;

  /** How long nothing is accepted after the system had no resources for it. */
  private static final long BACK_OFF_MS = 1_000;

  private final TransportEndpoint endpoint;
  private final NettyLoops loops;
  private final NettyLoop home;
  private final ConnectionHandler.Factory handlers;
  private final ServerChannel channel;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private InetSocketAddress address;

  private Listener(
      TransportEndpoint endpoint,
      NettyLoops loops,
      InetSocketAddress wanted,
      ConnectionHandler.Factory handlers) {
    this.endpoint = endpoint;
    this.loops = loops;
    this.home = loops.nettyLoops().get(0);
    this.handlers = handlers;
    this.address = wanted;
    this.channel = loops.sockets().newServerChannel();
  }

  /** Binds, or fails with a message for the user. Blocks. */
  static Listener bind(
      TransportEndpoint endpoint,
      NettyLoops loops,
      InetSocketAddress wanted,
      ConnectionHandler.Factory handlers)
      throws IOException {
    var listener = new Listener(endpoint, loops, wanted, handlers);
    var failure = new CompletableFuture<String>();
    listener.home.execute(() -> listener.bindInLoop(wanted, failure));
    String problem = loops.await(failure);
    if (!problem.isEmpty()) {
      throw new IOException(
          "cannot listen on " + wanted.getHostString() + ":" + wanted.getPort() + ": " + problem);
    }
    return listener;
  }

  private void bindInLoop(InetSocketAddress wanted, CompletableFuture<String> failure) {
    Sockets sockets = loops.sockets();
    if (sockets.overNetwork()) {
      channel.config().setOption(ChannelOption.SO_REUSEADDR, true);
      channel.config().setOption(ChannelOption.SO_BACKLOG, BACKLOG);
    }
    channel.pipeline().addLast(this);
    home.otherChannels().add(channel);
    home.io().register(channel); // done at once, since this is the loop
    try {
      channel
          .bind(sockets.toBind(wanted))
          .addListener(
              bound -> {
                if (bound.isSuccess()) {
                  address = sockets.bound(wanted, channel);
                  failure.complete("");
                } else {
                  failed(bound.cause(), failure);
                }
              });
    } catch (BindException e) {
      failed(e, failure);
    }
  }

  private void failed(Throwable cause, CompletableFuture<String> failure) {
    home.otherChannels().remove(channel);
    channel.close();
    String text = String.valueOf(cause.getMessage());
    failure.complete(text.substring(text.lastIndexOf(": ") + 1).strip());
  }

  InetSocketAddress address() {
    return address;
  }

  /**
   * Closes the socket. Thread-safe.
   *
   * @return completes when it is closed
   */
  CompletionStage<Void> close() {
    try {
      home.execute(
          () -> {
            home.otherChannels().remove(channel);
            loops.sockets().released(address);
            channel.close().addListener(done -> closed.complete(null));
          });
    } catch (RejectedExecutionException e) {
      endpoint.log().debug("{}: the loop had ended and closed its listener", endpoint.protocol());
      closed.complete(null);
    }
    return closed;
  }

  boolean isClosed() {
    return closed.isDone();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    Channel child = (Channel) message;
    if (!endpoint.admit(child)) {
      home.io().register(child).addListener(registered -> child.close());
      return;
    }
    NettyLoop loop = (NettyLoop) loops.next();
    if (loops.sockets().overNetwork()) {
      child.config().setOption(ChannelOption.TCP_NODELAY, true);
    }
    new Connection(endpoint, loop, child, loops.sockets()).wire().open(handlers);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    endpoint
        .log()
        .warn("{}: cannot accept a connection: {}", endpoint.protocol(), cause.toString());
    if (channel.config().isAutoRead()) {
      channel.config().setAutoRead(false);
      home.schedule(BACK_OFF_MS, () -> channel.config().setAutoRead(true));
    }
  }
}
