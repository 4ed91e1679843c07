package io.carrick.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Netty's view of one connection. Confined to its loop. */
final class ConnectionEvents extends ChannelInboundHandlerAdapter {

  private final Connection connection;
  private final ConnectionHandler.Factory handlers;

  ConnectionEvents(Connection connection, ConnectionHandler.Factory handlers) {
    this.connection = connection;
    this.handlers = handlers;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    connection.opened(handlers);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    connection.received((ByteBuf) message);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    connection.output().writabilityChanged();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    connection.failed(cause);
  }
}
