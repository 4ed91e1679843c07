package io.carrick.transport;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;

/**
 * A client's socket whose bytes go in frames of WebSocket, each of which takes what one call
 * writes. For one thread that reads and one that writes.
 */
final class FramedSocket extends Socket {

  private final Socket beneath;
  private final InputStream in = new Reader();
  private final OutputStream out = new Writer();
  private byte[] frame = {};
  private int at;
  private boolean ended;

  FramedSocket(Socket beneath) throws IOException {
    this.beneath = beneath;
    beneath.getOutputStream().write(Frames.goodRequest());
    String head = Frames.head(beneath.getInputStream());
    if (!head.startsWith("HTTP/1.1 101 ")) {
      throw new IOException(head);
    }
  }

  @Override
  public InputStream getInputStream() {
    return in;
  }

  @Override
  public OutputStream getOutputStream() {
    return out;
  }

  /** Says Close, which is all that a client of WebSocket can say of its end. */
  @Override
  public void shutdownOutput() throws IOException {
    beneath.getOutputStream().write(Frames.close(1000));
  }

  @Override
  public InetAddress getLocalAddress() {
    return beneath.getLocalAddress();
  }

  @Override
  public int getLocalPort() {
    return beneath.getLocalPort();
  }

  @Override
  public boolean isConnected() {
    return beneath.isConnected();
  }

  @Override
  public void setSoLinger(boolean on, int seconds) throws SocketException {
    beneath.setSoLinger(on, seconds);
  }

  @Override
  public void close() throws IOException {
    beneath.close();
  }

  /** Takes the payloads of binary frames for one stream. */
  private final class Reader extends InputStream {

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      while (at == frame.length && !ended) {
        Frames.Frame next = Frames.read(beneath.getInputStream());
        if (next.first() == (Frames.LAST | Frames.BINARY)) {
          frame = next.payload();
          at = 0;
        } else if (next.first() == (Frames.LAST | Frames.CLOSE)) {
          ended = true;
        }
      }
      if (at == frame.length) {
        return -1;
      }
      int count = Math.min(length, frame.length - at);
      System.arraycopy(frame, at, into, offset, count);
      at += count;
      return count;
    }
  }

  /** Puts what is written in a binary frame. */
  private final class Writer extends OutputStream {

    @Override
    public void write(int single) throws IOException {
      write(new byte[] {(byte) single});
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      byte[] payload = java.util.Arrays.copyOfRange(bytes, offset, offset + length);
      beneath.getOutputStream().write(Frames.binary(payload));
    }
  }
}
