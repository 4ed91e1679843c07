package io.carrick.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalAddress;
import java.net.SocketAddress;

/**
 * A channel whose peer takes everything at once and says nothing: what writing to it costs is what
 * happens before the kernel. Confined to its loop.
 */
final class SinkChannel extends AbstractChannel {

  private static final ChannelMetadata METADATA = new ChannelMetadata(false);

  private final ChannelConfig config = new DefaultChannelConfig(this);
  private long taken;
  private boolean open = true;

  SinkChannel() {
    super(null);
  }

  /** Returns how many bytes were written. */
  long taken() {
    return taken;
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer in) {
    for (Object message = in.current(); message != null; message = in.current()) {
      taken += ((ByteBuf) message).readableBytes();
      in.remove();
    }
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public boolean isActive() {
    return open;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return true;
  }

  @Override
  protected SocketAddress localAddress0() {
    return LocalAddress.ANY;
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return LocalAddress.ANY;
  }

  @Override
  protected void doBeginRead() {}

  @Override
  protected void doBind(SocketAddress address) {
    throw new UnsupportedOperationException("a sink listens nowhere");
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  protected void doClose() {
    open = false;
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new AbstractUnsafe() {
      @Override
      public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
        promise.setFailure(new UnsupportedOperationException("a sink is connected from the start"));
      }
    };
  }
}
