package io.carrick.transport;

import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.SocketAddress;

/** Which of Netty's transports a group of loops uses. Thread-safe. */
interface Sockets {

  /** Returns the best for this machine. */
  static Sockets ofThisMachine() {
    return Epoll.isAvailable() ? new EpollSockets() : new NioSockets();
  }

  /** Returns what makes the I/O of a new loop. */
  IoHandlerFactory handlers();

  /** Returns a listening socket that is not open yet. */
  Acceptor newAcceptor(NettyLoop loop, Listener listener);

  /** Returns a listening socket, not open yet, whose connections have pipelines. */
  default Acceptor newChannelAcceptor(NettyLoop loop, Listener listener) {
    return newAcceptor(loop, listener);
  }

  /**
   * Returns a listening Unix socket that is not open yet.
   *
   * @throws IOException when there are none here, with a message fit for a user
   */
  default Acceptor newUnixAcceptor(NettyLoop loop, Listener listener) throws IOException {
    throw new IOException("Unix sockets need Linux and Netty's native library");
  }

  /** Returns whether socket options make sense. */
  default boolean overNetwork() {
    return true;
  }

  /** Returns what to bind where a user asked for {@code wanted}. */
  default SocketAddress toBind(SocketAddress wanted) throws IOException {
    return wanted;
  }

  /** Returns the address at which a user finds a channel that was bound. */
  default SocketAddress bound(SocketAddress wanted, Channel channel) {
    return channel.localAddress();
  }

  /** An address is free again. */
  default void released(SocketAddress address) {}

  /** Linux's own, without the detour over the JDK's selectors. */
  final class EpollSockets implements Sockets {

    @Override
    public IoHandlerFactory handlers() {
      return EpollIo.newFactory();
    }

    @Override
    public Acceptor newAcceptor(NettyLoop loop, Listener listener) {
      return new EpollAcceptor(loop, listener);
    }

    @Override
    public Acceptor newChannelAcceptor(NettyLoop loop, Listener listener) {
      return new ChannelAcceptor(this, new EpollServerSocketChannel(), loop, listener);
    }

    @Override
    public Acceptor newUnixAcceptor(NettyLoop loop, Listener listener) {
      return new ChannelAcceptor(this, new EpollServerDomainSocketChannel(), loop, listener);
    }
  }

  /** The JDK's. */
  final class NioSockets implements Sockets {

    @Override
    public IoHandlerFactory handlers() {
      return NioIoHandler.newFactory();
    }

    @Override
    public Acceptor newAcceptor(NettyLoop loop, Listener listener) {
      return new ChannelAcceptor(this, new NioServerSocketChannel(), loop, listener);
    }
  }
}
