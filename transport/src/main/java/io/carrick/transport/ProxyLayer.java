package io.carrick.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.ProtocolDetectionState;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * The header in which a proxy says where a connection comes from: the PROXY protocol, version 1 or
 * 2. Confined to the connection's loop, except for {@link #named}.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty tells the pipeline of failures
final class ProxyLayer {

  /** Where a proxy does not say where: not on this machine, as far as we know. */
  private static final SocketAddress UNKNOWN = InetSocketAddress.createUnresolved("unknown", 0);

  /** What a header of version 2 may have behind the addresses. Nobody asks for it. */
  private static final int MOST_ADDITIONAL_BYTES = 4_096;

  private final Layers layers;
  private final Connection connection;
  private final Guard guard = new Guard();
  private boolean shaking = true;
  private volatile @Nullable SocketAddress named;

  ProxyLayer(Layers layers, Connection connection) {
    this.layers = layers;
    this.connection = connection;
  }

  void addTo(ChannelPipeline pipeline) {
    pipeline.addLast(guard, new Header(), new Address());
  }

  boolean shaking() {
    return shaking;
  }

  /**
   * Returns what the header has named, null as long as there is none and when the proxy spoke for
   * itself.
   */
  @Nullable SocketAddress named() {
    return named;
  }

  private static @Nullable SocketAddress source(HAProxyMessage header) {
    if (header.command() == HAProxyCommand.LOCAL) {
      return null;
    }
    String text = header.sourceAddress();
    byte[] address = text == null ? null : NetUtil.createByteArrayFromIpAddressString(text);
    if (address == null) {
      return UNKNOWN; // of another kind, such as a Unix socket's on the proxy's machine
    }
    try {
      return new InetSocketAddress(InetAddress.getByAddress(address), header.sourcePort());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of four or sixteen bytes", e);
    }
  }

  /** Netty's decoder closes before it says why. Confined to its loop. */
  private final class Guard extends ChannelOutboundHandlerAdapter {

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
      if (connection.open()) {
        layers.failed(HandshakeFailure.PROXY_HEADER, "no PROXY header, or a wrong one");
      }
      context.close(promise);
    }
  }

  /** Finds the header. Confined to its loop. */
  private final class Header extends HAProxyMessageDecoder {

    Header() {
      super(MOST_ADDITIONAL_BYTES);
      setCumulator(OwnBytes.COPIED);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
      super.channelRead(context, message);
      if (shaking && detectProtocol(internalBuffer()).state() == ProtocolDetectionState.INVALID) {
        context.close();
      }
    }
  }

  /** Takes what the header says. Confined to its loop. */
  private final class Address extends SimpleChannelInboundHandler<HAProxyMessage> {

    @Override
    protected void channelRead0(ChannelHandlerContext context, HAProxyMessage header) {
      named = source(header);
      shaking = false;
      context.pipeline().remove(guard);
      context.pipeline().remove(this);
      layers.established();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (cause instanceof DecoderException) { // not always closed for it
        context.close();
      } else {
        context.fireExceptionCaught(cause);
      }
    }
  }
}
