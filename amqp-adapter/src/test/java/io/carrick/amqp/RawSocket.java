package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.amqp.codec.ChannelMethod;
import io.carrick.amqp.codec.ConnectionMethod;
import io.carrick.amqp.codec.FieldReader;
import io.carrick.amqp.codec.FrameReader;
import io.carrick.amqp.codec.Method;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Map;

/**
 * A socket to a broker, through which a test sends what it wants and waits for what comes back.
 * Confined to the test's thread.
 */
final class RawSocket implements AutoCloseable {

  private static final int DEADLINE_MS = 10_000;

  private final Socket socket = new Socket();
  private final InputStream in;
  private final FrameReader reader = new FrameReader();
  private final ByteBuf unread = Unpooled.buffer();
  private final byte[] chunk = new byte[1 << 16];

  RawSocket(InetSocketAddress address) throws IOException {
    socket.connect(address, DEADLINE_MS);
    socket.setSoTimeout(DEADLINE_MS);
    in = socket.getInputStream();
    reader.maxFrameBytes(RawClient.FRAME_BYTES);
  }

  /** Logs in as guest, with as many seconds between heartbeats. */
  RawSocket open(int heartbeatSeconds) throws IOException {
    tune();
    send(
        RawClient.frames(
            0,
            new ConnectionMethod.TuneOk(100, RawClient.FRAME_BYTES, heartbeatSeconds),
            new ConnectionMethod.Open("/")));
    next(ConnectionMethod.OpenOk.class);
    return this;
  }

  /** Goes as far as connection.tune. */
  RawSocket tune() throws IOException {
    send(RawClient.PROTOCOL_HEADER);
    next(ConnectionMethod.Start.class);
    send(RawClient.frames(0, RawClient.plain("guest", "guest", Map.of())));
    next(ConnectionMethod.Tune.class);
    return this;
  }

  RawSocket channel(int number) throws IOException {
    send(RawClient.frames(number, new ChannelMethod.Open()));
    next(ChannelMethod.OpenOk.class);
    return this;
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** Sends what the broker may have stopped to read. */
  void sendIfOpen(byte[] bytes) {
    try {
      send(bytes);
    } catch (IOException closed) {
      assertThat(closed).hasNoCause();
    }
  }

  /** Returns the next method of that type; heartbeats and what has other types is passed over. */
  <T extends Method> T next(Class<T> type) throws IOException {
    while (true) {
      while (!reader.next(unread)) {
        assertThat(read()).as("a %s before the end", type.getSimpleName()).isTrue();
      }
      byte[] payload = new byte[reader.payloadBytes()];
      unread.getBytes(reader.payloadStart(), payload);
      if (reader.type() == FrameReader.METHOD) {
        var fields = new FieldReader(16).over(Unpooled.wrappedBuffer(payload), 0, payload.length);
        Method method = Method.read(fields);
        if (type.isInstance(method)) {
          return type.cast(method);
        }
      }
    }
  }

  private boolean read() throws IOException {
    int count = in.read(chunk);
    if (count > 0) {
      unread.writeBytes(chunk, 0, count);
    }
    return count > 0;
  }

  /** Waits until the broker closes the connection. */
  void awaitEnd() {
    try {
      while (read()) {
        unread.clear();
      }
    } catch (IOException reset) {
      assertThat(reset).isNotInstanceOf(SocketTimeoutException.class);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
