package io.carrick.transport;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Passes on what a client sends in small parts, each a packet of its own. Thread-safe. */
final class Relay implements AutoCloseable {

  private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  private final InetSocketAddress target;
  private final int most;

  Relay(InetSocketAddress target, int most) throws IOException {
    this.target = target;
    this.most = most;
  }

  /** Returns the client's end of a connection to the target. */
  Socket connect() throws IOException {
    Socket near = new Socket(server.getInetAddress(), server.getLocalPort());
    Socket accepted = server.accept();
    Socket far = new Socket(target.getAddress(), target.getPort());
    far.setTcpNoDelay(true);
    pass(accepted, far, most);
    pass(far, accepted, 64 << 10);
    return near;
  }

  private static void pass(Socket from, Socket to, int most) {
    var thread =
        new Thread(
            () -> {
              byte[] part = new byte[most];
              try (from;
                  to) {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int count = in.read(part); count >= 0; count = in.read(part)) {
                  out.write(part, 0, count);
                }
              } catch (IOException e) {
                // one end is gone, and with it the other
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
