package io.carrick.benchmarks.load;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** One socket with its buffers. Confined to the thread of the run. */
final class Link implements Peer.Output, AutoCloseable {

  private static final int BUFFER = 256 << 10;
  private static final int SMALL_BUFFER = 256;

  /** Above it a publisher waits for the socket. */
  private static final int FULL = 128 << 10;

  private final Peer peer;
  private final SocketChannel channel;
  private final Wire wire;
  private final SelectionKey key;
  private ByteBuffer in;
  private ByteBuffer out;
  private boolean waiting;

  private Link(Peer peer, SocketChannel channel, Wire wire, Selector selector, int buffer)
      throws IOException {
    this.peer = peer;
    this.channel = channel;
    this.wire = wire;
    this.in = ByteBuffer.allocate(buffer);
    this.out = ByteBuffer.allocate(buffer);
    this.key = channel.register(selector, SelectionKey.OP_READ, this);
  }

  /** Connects, waiting for it, and starts the peer; its key is registered with the link. */
  static Link connect(Target target, boolean ofMqtt, Selector selector, Peer peer)
      throws IOException {
    return connect(Wire.socket(target, ofMqtt), target, selector, peer, BUFFER);
  }

  /** Connects an MQTT client that has little to say: one of very many. */
  static Link connectSmall(Target target, Selector selector, Peer peer) throws IOException {
    return connect(Wire.socket(target, true), target, selector, peer, SMALL_BUFFER);
  }

  private static Link connect(
      SocketChannel channel, Target target, Selector selector, Peer peer, int buffer)
      throws IOException {
    try {
      Wire wire = Wire.over(channel, target);
      channel.configureBlocking(false);
      var link = new Link(peer, channel, wire, selector, buffer);
      peer.start(link);
      return link;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  Peer peer() {
    return peer;
  }

  @Override
  public ByteBuffer reserve(int bytes) {
    if (out.remaining() < bytes) {
      ByteBuffer larger = ByteBuffer.allocate(Math.max(out.capacity() * 2, out.position() + bytes));
      larger.put(out.flip());
      out = larger;
    }
    return out;
  }

  boolean full() {
    return out.position() > FULL;
  }

  /** Writes what the socket takes; asks to be called again for the rest. */
  void flush() throws IOException {
    if (out.position() == 0 && !waiting) {
      return;
    }
    out.flip();
    boolean rest = !wire.write(out);
    out.compact();
    if (rest != waiting) {
      waiting = rest;
      key.interestOps(rest ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
    }
  }

  /**
   * Reads what has come and shows it to the peer, which takes whole frames and leaves the rest.
   *
   * @throws EOFException when the broker has closed the connection
   */
  void read() throws IOException {
    boolean more = true;
    while (more) {
      int read = wire.read(in);
      if (read < 0) {
        throw new EOFException("the broker has closed the connection of " + peer);
      }
      more = !in.hasRemaining();
      in.flip();
      peer.read(in);
      in.compact();
      if (!in.hasRemaining()) {
        ByteBuffer larger = ByteBuffer.allocate(in.capacity() * 2);
        larger.put(in.flip());
        in = larger;
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
