package io.carrick.benchmarks.load;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A socket's bytes, as they are or within TLS. Confined to the thread that connected it. */
interface Wire {

  /**
   * Reads what is there, at most once from the socket. A buffer that is full afterwards says that
   * there may be more, of which no selector knows.
   *
   * @return how many bytes; 0 if there are none now, -1 at the end
   */
  int read(ByteBuffer in) throws IOException;

  /** Writes what the socket takes; returns whether nothing is left, here or in the buffer. */
  boolean write(ByteBuffer out) throws IOException;

  /** Connects a socket that blocks, and waits for it. */
  static SocketChannel socket(Target target, boolean ofMqtt) throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.connect(target.address(ofMqtt));
    return channel;
  }

  /** Returns a broker's wire over a socket that still blocks: TLS shakes hands here. */
  static Wire over(SocketChannel channel, Target target) throws IOException {
    return target.tls() == null ? new Plain(channel) : new TlsWire(channel, target.tls());
  }

  /** No more than the socket. Immutable. */
  record Plain(SocketChannel channel) implements Wire {

    @Override
    public int read(ByteBuffer in) throws IOException {
      return channel.read(in);
    }

    @Override
    public boolean write(ByteBuffer out) throws IOException {
      channel.write(out);
      return !out.hasRemaining();
    }
  }
}
