package io.carrick.transport;

import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Connections inside this JVM, with port numbers of their own. Thread-safe. */
final class LocalSockets implements Sockets {

  private static final int FIRST_FREE_PORT = 49_152;

  private final Map<Integer, SocketAddress> listeners = new ConcurrentHashMap<>();
  private final AtomicInteger nextPort = new AtomicInteger(FIRST_FREE_PORT);

  /** Returns where the listener of a port is to be found. */
  Optional<SocketAddress> find(int port) {
    return Optional.ofNullable(listeners.get(port));
  }

  @Override
  public IoHandlerFactory handlers() {
    return LocalIoHandler.newFactory();
  }

  @Override
  public Acceptor newAcceptor(NettyLoop loop, Listener listener) {
    return new ChannelAcceptor(this, new LocalServerChannel(), loop, listener);
  }

  @Override
  public boolean overNetwork() {
    return false;
  }

  @Override
  public SocketAddress toBind(SocketAddress wanted) throws BindException {
    if (listeners.containsKey(port(wanted))) {
      throw new BindException("Address already in use");
    }
    return new LocalAddress(LocalSockets.class);
  }

  @Override
  public SocketAddress bound(SocketAddress wanted, Channel channel) {
    int port = port(wanted) == 0 ? nextPort.getAndIncrement() : port(wanted);
    listeners.put(port, channel.localAddress());
    return new InetSocketAddress(((InetSocketAddress) wanted).getAddress(), port);
  }

  private static int port(SocketAddress address) {
    return ((InetSocketAddress) address).getPort();
  }

  @Override
  public void released(SocketAddress address) {
    listeners.remove(port(address));
  }
}
