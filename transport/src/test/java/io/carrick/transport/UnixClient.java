package io.carrick.transport;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * A client's socket on a Unix socket, for which the JDK has channels only. For one thread that
 * reads and one that writes.
 */
final class UnixClient extends Socket {

  private final SocketChannel channel;
  private final InputStream in = new Reader();
  private final OutputStream out = new Writer();

  UnixClient(Path file) throws IOException {
    channel = SocketChannel.open(UnixDomainSocketAddress.of(file));
  }

  @Override
  public InputStream getInputStream() {
    return in;
  }

  @Override
  public OutputStream getOutputStream() {
    return out;
  }

  @Override
  public void shutdownOutput() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public boolean isConnected() {
    return channel.isConnected();
  }

  @Override
  public void setSoLinger(boolean on, int seconds) {
    // its end is always heard at once
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** Reads. */
  private final class Reader extends InputStream {

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      return channel.read(ByteBuffer.wrap(into, offset, length));
    }
  }

  /** Writes. */
  private final class Writer extends OutputStream {

    @Override
    public void write(int single) throws IOException {
      write(new byte[] {(byte) single});
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      ByteBuffer left = ByteBuffer.wrap(bytes, offset, length);
      while (left.hasRemaining()) {
        channel.write(left);
      }
    }
  }
}
