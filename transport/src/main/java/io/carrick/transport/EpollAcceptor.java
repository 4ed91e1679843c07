package io.carrick.transport;

import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.NativeInetAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A listening socket that we accept from ourselves, so that a connection costs no channel, not even
 * for a moment. Confined to its loop.
 */
final class EpollAcceptor implements Acceptor, EpollIoHandle {

  /** Connections accepted in a turn, so that those that are there get their share. */
  private static final int ACCEPTS_PER_TURN = 16;

  /** A length, an IPv6 address with its scope, and a port. */
  private static final int ADDRESS_BYTES = 1 + 16 + 4 + 4;

  private final Socket socket = Socket.newSocketStream();
  private final NettyLoop loop;
  private final Listener listener;
  private final byte[] address = new byte[ADDRESS_BYTES];
  private @Nullable IoRegistration registration;

  EpollAcceptor(NettyLoop loop, Listener listener) {
    this.loop = loop;
    this.listener = listener;
  }

  @Override
  public SocketAddress open(SocketAddress wanted) throws IOException {
    socket.setReuseAddress(true);
    socket.bind(wanted);
    socket.listen(BACKLOG);
    registration = loop.register(this).getNow(); // done at once, since this is the loop
    accepting(true);
    return socket.localAddress();
  }

  @Override
  public void accepting(boolean on) {
    if (registration != null && socket.isOpen()) {
      registration.submit(on ? EpollIoOps.EPOLLIN : EpollIoOps.EPOLLERR);
    }
  }

  @Override
  public FileDescriptor fd() {
    return socket;
  }

  @Override
  public void handle(IoRegistration registration, IoEvent event) {
    try {
      for (int i = 0; i < ACCEPTS_PER_TURN && socket.isOpen(); i++) {
        int accepted = socket.accept(address);
        if (accepted < 0) {
          return;
        }
        arrived(new Socket(accepted), Arrays.copyOfRange(address, 1, 1 + address[0]));
      }
    } catch (IOException e) {
      listener.failed(e);
    }
  }

  private void arrived(Socket peer, byte[] peerAddress) throws IOException {
    // Before it counts as a connection: one that cannot be served is no more than closed.
    if (withoutDelay(peer)
        && listener.admits(() -> NativeInetAddress.address(peerAddress, 0, peerAddress.length))) {
      listener.accepted(connection -> new EpollSocket(peer, peerAddress, connection));
    } else {
      peer.close();
    }
  }

  private static boolean withoutDelay(Socket peer) {
    try {
      peer.setTcpNoDelay(true);
      return true;
    } catch (IOException resetMeanwhile) {
      return false;
    }
  }

  @Override
  public void close() {
    if (!socket.isOpen()) {
      return;
    }
    if (registration != null) {
      registration.cancel();
    }
    try {
      socket.close();
    } catch (IOException e) {
      listener.failed(e);
    }
  }
}
