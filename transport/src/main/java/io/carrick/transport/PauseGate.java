package io.carrick.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;

/**
 * Lets no read pass while its connection pauses. Netty's decoders ask for more when a read has
 * brought them nothing whole; a pause is a pause. Stateless.
 */
final class PauseGate extends ChannelOutboundHandlerAdapter {

  @Override
  public void read(ChannelHandlerContext context) {
    if (context.channel().config().isAutoRead()) {
      context.read();
    }
  }
}
