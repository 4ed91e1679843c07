package io.carrick.transport;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * Sends frames back: a length byte and that many bytes. Confined to the connection's loop, or to
 * the test's thread in virtual time.
 */
final class EchoHandler implements ConnectionHandler {

  final Connection connection;

  /** What each call was shown, and what happened to the connection. */
  final List<String> events = new ArrayList<>();

  boolean pauseAfterEachFrame;

  EchoHandler(Connection connection) {
    this.connection = connection;
  }

  @Override
  public void onRead(ByteBuf in) {
    events.add("read " + in.readableBytes());
    while (connection.reading()
        && in.isReadable()
        && in.readableBytes() > in.getByte(in.readerIndex())) {
      int length = in.readByte();
      byte[] frame = new byte[length];
      in.readBytes(frame);
      ByteBuf out = connection.output().reserve(length + 1);
      out.writeByte(length).writeBytes(frame);
      if (pauseAfterEachFrame) {
        connection.pauseReading();
      }
    }
  }

  @Override
  public void onWritable(boolean writable) {
    events.add(writable ? "writable" : "not writable");
  }

  @Override
  public void onClosed() {
    events.add("closed");
  }
}
