package io.carrick.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.carrick.Endpoint;
import io.carrick.Limit;
import io.netty.buffer.ByteBuf;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Over the machine's sockets. */
@Timeout(30)
class SocketTest {

  static Stream<Wire> wires() {
    return Wire.here();
  }

  @ParameterizedTest
  @MethodSource("wires")
  void megabytesComeBackInOrder(Wire wire) throws Exception {
    try (var context = new TestContext(wire.loops())) {
      TransportEndpoint endpoint = wire.bind(context, EchoHandler::new);
      byte[] frame = new byte[100];
      frame[0] = 99;
      int frames = 50_000;
      try (var socket = wire.connect(endpoint)) {
        var writer =
            CompletableFuture.runAsync(
                () -> {
                  try {
                    var out = new DataOutputStream(socket.getOutputStream());
                    for (int i = 0; i < frames; i++) {
                      frame[1] = (byte) i;
                      out.write(frame);
                    }
                  } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                  }
                });
        var in = new DataInputStream(socket.getInputStream());
        byte[] got = new byte[100];
        for (int i = 0; i < frames; i++) {
          in.readFully(got);
          if (got[0] != 99 || got[1] != (byte) i) {
            throw new AssertionError("frame " + i + " was " + Arrays.toString(got));
          }
        }
        writer.join();
      }
      context.loops().await(endpoint.close().toCompletableFuture());
      assertThat(context.count("bytes.read")).isEqualTo(100L * frames);
      assertThat(context.count("bytes.written")).isEqualTo(100L * frames);
    }
  }

  @Test
  void anIdleConnectionHasGivenItsOutputBack() throws Exception {
    try (var context = new TestContext(NettyLoops.factory(1))) {
      BlockingQueue<Connection> opened = new LinkedBlockingQueue<>();
      TransportEndpoint endpoint =
          context.bind(
              connection -> {
                opened.add(connection);
                return new EchoHandler(connection);
              });
      try (var first = connect(endpoint);
          var second = connect(endpoint)) {
        List<Object> outputs = new java.util.ArrayList<>();
        for (Socket socket : List.of(first, second)) {
          socket.getOutputStream().write(new byte[] {1, 42});
          assertThat(new DataInputStream(socket.getInputStream()).readShort())
              .isEqualTo((short) 298);
          Connection connection = opened.take();
          var output = new CompletableFuture<Object>();
          connection.loop().execute(() -> output.complete(connection.output()));
          outputs.add(context.loops().await(output));
        }
        assertThat(outputs.get(0)).isSameAs(outputs.get(1));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("wires")
  void aLargeFrameIsCollected(Wire wire) throws Exception {
    try (var context = new TestContext(wire.loops())) {
      int bytes = 20_000_000;
      var done = new CompletableFuture<Integer>();
      TransportEndpoint endpoint =
          wire.bind(
              context,
              connection -> {
                connection.loggedIn(); // strangers may not send so much over WebSocket
                return new Recorder(connection, new LinkedBlockingQueue<>()) {
                  @Override
                  public void onRead(ByteBuf in) {
                    if (in.readableBytes() >= bytes) {
                      int sum = 0;
                      for (int i = 0; i < bytes; i++) {
                        sum = sum * 31 + in.readByte();
                      }
                      done.complete(sum);
                    }
                  }
                };
              });
      byte[] frame = new byte[bytes];
      int sum = 0;
      for (int i = 0; i < bytes; i++) {
        frame[i] = (byte) (i * 7);
        sum = sum * 31 + frame[i];
      }
      try (var socket = wire.connect(endpoint)) {
        socket.getOutputStream().write(frame);
        assertThat(context.loops().await(done)).isEqualTo(sum);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("wires")
  void whatIsSentDuringAPauseIsReadAfterIt(Wire wire) throws Exception {
    try (var context = new TestContext(wire.loops())) {
      BlockingQueue<Integer> reads = new LinkedBlockingQueue<>();
      var opened = new CompletableFuture<Connection>();
      TransportEndpoint endpoint =
          wire.bind(
              context,
              connection -> {
                opened.complete(connection);
                return new Recorder(connection, new LinkedBlockingQueue<>()) {
                  @Override
                  public void onRead(ByteBuf in) {
                    reads.add((int) in.readByte());
                  }
                };
              });
      try (var paused = wire.connect(endpoint);
          var other = wire.connect(wire.bind(context, EchoHandler::new))) {
        Connection connection = context.loops().await(opened);
        pause(context, connection);
        paused.getOutputStream().write(7);
        other.getOutputStream().write(new byte[] {1, 42});
        assertThat(new DataInputStream(other.getInputStream()).readShort()).isEqualTo((short) 298);
        assertThat(reads).isEmpty();
        connection.loop().execute(connection::resumeReading);
        assertThat(reads.poll(10, TimeUnit.SECONDS)).isEqualTo(7);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("wires")
  void thePeersAddressIsKnownAfterItHasGone(Wire wire) throws Exception {
    try (var context = new TestContext(wire.loops())) {
      BlockingQueue<String> events = new LinkedBlockingQueue<>();
      var opened = new CompletableFuture<Connection>();
      TransportEndpoint endpoint = wire.bind(context, c -> recorder(c, events, opened));
      String address;
      try (var socket = wire.connect(endpoint)) {
        address = wire.address(endpoint, socket);
        assertThat(context.loops().await(opened).remoteLoopback()).isTrue();
      }
      assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("closed");
      assertThat(opened.join().remoteAddress()).isEqualTo(address);
    }
  }

  @Test
  void aPausedPeerThatLeavesIsGone() throws Exception {
    try (var context = new TestContext(NettyLoops.factory())) {
      BlockingQueue<String> events = new LinkedBlockingQueue<>();
      var opened = new CompletableFuture<Connection>();
      TransportEndpoint endpoint =
          context.bind(
              connection -> {
                connection.pauseReading();
                return recorder(connection, events, opened);
              });
      try (var socket = connect(endpoint)) {
        context.loops().await(opened);
        socket.getOutputStream().write(7);
      }
      assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("closed");
    }
  }

  @ParameterizedTest
  @MethodSource("wires")
  void whoEndsItsOutputIsReadToTheEndAndAnswered(Wire wire) throws Exception {
    try (var context = new TestContext(wire.loops())) {
      var opened = new CompletableFuture<Connection>();
      TransportEndpoint endpoint =
          wire.bind(
              context,
              connection -> {
                opened.complete(connection);
                return new Recorder(connection, new LinkedBlockingQueue<>()) {
                  private int bytes;

                  @Override
                  public void onRead(ByteBuf in) {
                    bytes += in.readableBytes();
                    in.skipBytes(in.readableBytes());
                  }

                  @Override
                  public boolean onInputEnd() {
                    connection.loop().execute(this::answer);
                    return true;
                  }

                  private void answer() {
                    connection.output().reserve(4).writeInt(bytes);
                    connection.closeAfterFlush();
                  }
                };
              });
      try (var socket = wire.connect(endpoint)) {
        Connection connection = context.loops().await(opened);
        pause(context, connection);
        socket.getOutputStream().write(new byte[100_000]);
        socket.shutdownOutput();
        connection.loop().execute(connection::resumeReading);
        var in = new DataInputStream(socket.getInputStream());
        assertThat(in.readInt()).isEqualTo(100_000);
        assertThat(in.read()).isEqualTo(-1);
      }
      context.loops().await(endpoint.close().toCompletableFuture());
      assertThat(context.count("connections.closed{reason=peer}")).isEqualTo(1);
    }
  }

  @Test
  void whoEndsItsOutputAndIsOwedAnAnswerIsKeptForABoundedTime() throws Exception {
    var time = VirtualTime.overSockets(1);
    try (var context = new TestContext(time.loops())) {
      BlockingQueue<String> events = new LinkedBlockingQueue<>();
      var ended = new CompletableFuture<Connection>();
      TransportEndpoint endpoint =
          context.bind(
              connection ->
                  new Recorder(connection, events) {
                    @Override
                    public boolean onInputEnd() {
                      ended.complete(connection);
                      return true;
                    }
                  });
      try (var socket = connect(endpoint)) {
        socket.shutdownOutput();
        Connection connection = context.loops().await(ended);
        time.advance(Duration.ofMillis(Limit.CLOSE_TIMEOUT_MS.byDefault() - 1));
        assertThat(connection.closed()).isFalse();
        time.advance(Duration.ofMillis(1));
        assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("closed");
      }
    }
  }

  @Test
  void whoEndsItsOutputAndThenGoesIsGoneWithTheFirstByteForIt() throws Exception {
    var time = VirtualTime.overSockets(1);
    try (var context = new TestContext(time.loops())) {
      BlockingQueue<String> events = new LinkedBlockingQueue<>();
      var ended = new CompletableFuture<Connection>();
      TransportEndpoint endpoint =
          context.bind(
              connection ->
                  new Recorder(connection, events) {
                    @Override
                    public boolean onInputEnd() {
                      ended.complete(connection);
                      return true;
                    }
                  });
      try (var socket = connect(endpoint)) {
        socket.shutdownOutput();
        context.loops().await(ended);
      }
      Connection connection = ended.join();
      connection.loop().execute(() -> connection.output().reserve(4).writeInt(42));
      assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("closed");
    }
  }

  @Test
  void aPortInUseIsSaidSo() throws Exception {
    try (var context = new TestContext(NettyLoops.factory())) {
      int port = context.bind(EchoHandler::new).address().getPort();
      assertThatThrownBy(() -> context.bind(Endpoint.onPort(port), EchoHandler::new))
          .isInstanceOf(IOException.class)
          .hasMessage("cannot listen on 127.0.0.1:%d: Address already in use", port);
    }
  }

  @Test
  void aPeerThatDoesNotReadStopsTheOutputAndStartsItAgain() throws Exception {
    var time = VirtualTime.overSockets(2);
    try (var context = new TestContext(time.loops())) {
      BlockingQueue<String> events = new LinkedBlockingQueue<>();
      var opened = new CompletableFuture<Connection>();
      TransportEndpoint endpoint = context.bind(c -> recorder(c, events, opened));
      try (var socket = connect(endpoint)) {
        Connection connection = context.loops().await(opened);
        byte[] payload = new byte[16 << 20];
        connection.loop().execute(() -> connection.output().payload(payload, 0, payload.length));
        assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("not writable");
        time.advance(Duration.ofMillis(Limit.WRITE_TIMEOUT_MS.byDefault() - 1));
        assertThat(context.count("held.output")).isBetween(1L, (long) payload.length);

        new DataInputStream(socket.getInputStream()).readFully(payload);
        assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("writable");
        time.advance(Duration.ofDays(1));
        assertThat(connection.pendingBytes()).isZero();
        assertThat(context.count("held.output")).isZero();
        assertThat(context.count("held.connections")).isPositive();
        assertThat(events).isEmpty();
      }
      assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("closed");
      assertThat(context.count("held.connections")).isZero();
    }
  }

  @Test
  void aPeerThatTakesNoByteIsClosedWhenTheWriteTimeoutHasPassed() throws Exception {
    var time = VirtualTime.overSockets(1);
    try (var context = new TestContext(time.loops())) {
      BlockingQueue<String> events = new LinkedBlockingQueue<>();
      var opened = new CompletableFuture<Connection>();
      TransportEndpoint endpoint = context.bind(c -> recorder(c, events, opened));
      try (var socket = connect(endpoint)) {
        Connection connection = context.loops().await(opened);
        byte[] payload = new byte[16 << 20];
        connection.loop().execute(() -> connection.output().payload(payload, 0, payload.length));
        assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("not writable");
        // Bytes go on into the kernel's buffers for a moment, and count as taken.
        for (int i = 0; i < 100 && !connection.closed(); i++) {
          time.advance(Duration.ofMillis(Limit.WRITE_TIMEOUT_MS.byDefault()));
        }
        assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("closed");
        assertThat(context.count("connections.closed{reason=write-timeout}")).isEqualTo(1);
        assertThat(socket.isConnected()).isTrue();
      }
    }
  }

  @Test
  void aPeerThatLeavesALittleOfItsOutputForEverIsClosedToo() throws Exception {
    var time = VirtualTime.overSockets(1);
    try (var context = new TestContext(time.loops()).with(Limit.OUTPUT_BYTES, 64 << 20)) {
      BlockingQueue<String> events = new LinkedBlockingQueue<>();
      var opened = new CompletableFuture<Connection>();
      TransportEndpoint endpoint = context.bind(c -> recorder(c, events, opened));
      try (var socket = connect(endpoint)) {
        Connection connection = context.loops().await(opened);
        byte[] payload = new byte[16 << 20]; // a quarter of the limit
        connection.loop().execute(() -> connection.output().payload(payload, 0, payload.length));
        for (int i = 0; i < 100 && !connection.closed(); i++) {
          time.advance(Duration.ofMillis(Limit.WRITE_TIMEOUT_MS.byDefault()));
        }
        assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("closed");
        assertThat(context.count("connections.closed{reason=write-timeout}")).isEqualTo(1);
        assertThat(socket.isConnected()).isTrue();
      }
    }
  }

  @Test
  void theLastWordsArriveThoughThePeerGoesOnTalking() throws Exception {
    try (var context = new TestContext(NettyLoops.factory())) {
      TransportEndpoint endpoint =
          context.bind(
              connection ->
                  new Recorder(connection, new LinkedBlockingQueue<>()) {
                    @Override
                    public void onRead(ByteBuf in) {
                      connection().output().reserve(4).writeInt(42);
                      connection().closeAfterFlush();
                    }
                  });
      for (int i = 0; i < 20; i++) {
        try (var socket = connect(endpoint)) {
          socket.getOutputStream().write(new byte[1_000_000]);
          var in = new DataInputStream(socket.getInputStream());
          assertThat(in.readInt()).isEqualTo(42);
          assertThat(in.read()).isEqualTo(-1);
        }
      }
    }
  }

  @Test
  void whoGoesOnTalkingSlowlyIsListenedToForABoundedTimeAfterTheLastWords() throws Exception {
    var time = VirtualTime.overSockets(1);
    try (var context = new TestContext(time.loops())) {
      TransportEndpoint endpoint =
          context.bind(
              connection ->
                  new Recorder(connection, new LinkedBlockingQueue<>()) {
                    @Override
                    public void onRead(ByteBuf in) {
                      in.skipBytes(in.readableBytes());
                      connection().output().reserve(4).writeInt(42);
                      connection().closeAfterFlush();
                    }
                  });
      try (var socket = connect(endpoint)) {
        var out = socket.getOutputStream();
        out.write(1);
        assertThat(new DataInputStream(socket.getInputStream()).readInt()).isEqualTo(42);
        for (int i = 2; i < 10; i++) { // eight times 200 ms, of two seconds
          time.advance(Duration.ofMillis(200));
          out.write(i);
          awaitBytes(context, i);
        }
        assertThatThrownBy(
                () -> {
                  for (int i = 0; i < 100; i++) {
                    time.advance(Duration.ofMillis(200));
                    out.write(i);
                  }
                })
            .isInstanceOf(IOException.class);
      }
    }
  }

  private static void awaitBytes(TestContext context, int count) {
    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> {
          while (context.count("bytes.read") < count) {
            Thread.onSpinWait();
          }
        });
  }

  @Test
  void aPeerThatResetsIsAClosedConnectionAndNoError() throws Exception {
    try (var context = new TestContext(NettyLoops.factory())) {
      BlockingQueue<String> events = new LinkedBlockingQueue<>();
      var opened = new CompletableFuture<Connection>();
      TransportEndpoint endpoint = context.bind(c -> recorder(c, events, opened));
      try (var socket = connect(endpoint)) {
        context.loops().await(opened);
        socket.setSoLinger(true, 0); // makes the close a reset
      }
      assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("closed");
      context.loops().await(endpoint.close().toCompletableFuture());
      assertThat(context.count("connections.closed{reason=peer}")).isEqualTo(1);
    }
  }

  @Test
  void connectionsAreSpreadOverTheLoops() throws Exception {
    try (var context = new TestContext(NettyLoops.factory())) {
      BlockingQueue<Connection> connections = new LinkedBlockingQueue<>();
      TransportEndpoint endpoint =
          context.bind(
              connection -> {
                connections.add(connection);
                return new EchoHandler(connection);
              });
      int count = context.loops().loops().size();
      List<Socket> sockets = new java.util.ArrayList<>();
      for (int i = 0; i < count; i++) {
        sockets.add(connect(endpoint));
      }
      var loops = new java.util.HashSet<Object>();
      for (int i = 0; i < count; i++) {
        loops.add(connections.take().loop());
      }
      assertThat(loops).hasSize(count);
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private static Socket connect(TransportEndpoint endpoint) throws IOException {
    return new Socket(endpoint.address().getAddress(), endpoint.address().getPort());
  }

  private static void pause(TestContext context, Connection connection) {
    var paused = new CompletableFuture<Boolean>();
    connection
        .loop()
        .execute(
            () -> {
              connection.pauseReading();
              paused.complete(true);
            });
    context.loops().await(paused);
  }

  private static ConnectionHandler recorder(
      Connection connection, BlockingQueue<String> events, CompletableFuture<Connection> opened) {
    connection.loggedIn();
    opened.complete(connection);
    return new Recorder(connection, events);
  }

  /** Records events; reads and forgets. */
  private static class Recorder implements ConnectionHandler {

    private final Connection connection;
    private final BlockingQueue<String> events;

    Recorder(Connection connection, BlockingQueue<String> events) {
      this.connection = connection;
      this.events = events;
    }

    Connection connection() {
      return connection;
    }

    @Override
    public void onRead(ByteBuf in) {
      in.skipBytes(in.readableBytes());
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
}
