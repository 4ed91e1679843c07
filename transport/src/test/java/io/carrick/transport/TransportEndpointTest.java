package io.carrick.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Endpoint;
import io.carrick.Limit;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** In virtual time, over connections inside the JVM: every step is repeatable. */
class TransportEndpointTest {

  private final VirtualTime time = VirtualTime.inThisThread(2);
  private final TestContext context = new TestContext(time.loops());
  private final List<EchoHandler> handlers = new ArrayList<>();

  @AfterEach
  void close() {
    context.close();
  }

  private TransportEndpoint bind() throws IOException {
    return context.bind(
        connection -> {
          var handler = new EchoHandler(connection);
          handlers.add(handler);
          return handler;
        });
  }

  private LocalPeer connect() throws IOException {
    return time.connect(bind().address());
  }

  private EchoHandler handler() {
    return handlers.get(handlers.size() - 1);
  }

  /** Does something in the loop of the newest connection. */
  private void inLoop(Consumer<Connection> action) {
    Connection connection = handler().connection;
    connection.loop().execute(() -> action.accept(connection));
    time.settle();
  }

  @Test
  void aFrameComesBackHoweverItIsSplit() throws IOException {
    byte[] frames = {3, 'a', 'b', 'c', 0, 1, 'd'};
    LocalPeer peer = connect();
    for (int at = 0; at <= frames.length; at++) {
      peer.send(Arrays.copyOf(frames, at));
      peer.send(Arrays.copyOfRange(frames, at, frames.length));
      assertThat(peer.received()).as("split at %d", at).containsExactly(frames);
    }
    for (byte single : frames) {
      peer.send(single);
    }
    assertThat(peer.received()).containsExactly(frames);
    assertThat(context.count("bytes.read")).isEqualTo(9L * frames.length);
    assertThat(context.count("bytes.written")).isEqualTo(9L * frames.length);
  }

  @Test
  void theHandlerSeesAllUnreadBytesEachTime() throws IOException {
    LocalPeer peer = connect();
    peer.send((byte) 5, (byte) 1);
    peer.send((byte) 2, (byte) 3);
    peer.send((byte) 4, (byte) 5, (byte) 2, (byte) 1);
    assertThat(handler().events).containsExactly("read 2", "read 4", "read 8");
    peer.send((byte) 2);
    assertThat(handler().events).endsWith("read 3");
    assertThat(peer.received()).hasSize(9);
  }

  @Test
  void resumingPresentsAgainWhatWasLeft() throws IOException {
    LocalPeer peer = connect();
    handler().pauseAfterEachFrame = true;
    peer.send((byte) 1, (byte) 'a', (byte) 1, (byte) 'b', (byte) 1, (byte) 'c');
    assertThat(peer.received()).containsExactly(1, 'a');
    peer.send((byte) 1, (byte) 'd');
    assertThat(peer.received()).isEmpty();

    inLoop(Connection::resumeReading);
    assertThat(peer.received()).containsExactly(1, 'b');
    inLoop(Connection::resumeReading);
    inLoop(Connection::resumeReading);
    assertThat(peer.received()).containsExactly(1, 'c', 1, 'd');
    assertThat(context.count("bytes.read")).isEqualTo(8);
  }

  @Test
  void pausesAreCounted() throws IOException {
    LocalPeer peer = connect();
    inLoop(Connection::pauseReading);
    inLoop(Connection::pauseReading);
    peer.send((byte) 0);
    inLoop(Connection::resumeReading);
    assertThat(handler().connection.reading()).isFalse();
    assertThat(peer.received()).isEmpty();
    inLoop(Connection::resumeReading);
    assertThat(handler().connection.reading()).isTrue();
    assertThat(peer.received()).containsExactly(0);
  }

  @Test
  void aPauseThatEndsWithinTheCallPresentsAgainAtOnce() throws IOException {
    List<Integer> sizes = new ArrayList<>();
    TransportEndpoint endpoint =
        context.bind(
            connection ->
                new ReadOnly() {
                  @Override
                  public void onRead(ByteBuf in) {
                    sizes.add(in.readableBytes());
                    in.readByte();
                    connection.pauseReading();
                    connection.resumeReading();
                  }
                });
    time.connect(endpoint.address()).send((byte) 1, (byte) 2, (byte) 3);
    assertThat(sizes).containsExactly(3, 2, 1);
  }

  @Test
  void theClockOfTheLastReadIsTheLoops() throws IOException {
    LocalPeer peer = connect();
    Connection connection = handler().connection;
    assertThat(connection.lastReadNanos()).isEqualTo(connection.loop().nanoTime());
    time.advance(Duration.ofSeconds(3));
    peer.send((byte) 9);
    time.advance(Duration.ofSeconds(2));
    assertThat(connection.loop().nanoTime() - connection.lastReadNanos()).isEqualTo(2_000_000_000);
  }

  @Test
  void manyWritesOfATurnAreOneFlush() throws IOException {
    LocalPeer peer = connect();
    inLoop(
        connection -> {
          for (int i = 0; i < 1_000; i++) {
            connection.output().reserve(4).writeInt(i);
          }
          assertThat(connection.pendingBytes()).isEqualTo(4_000);
        });
    assertThat(peer.received()).hasSize(4_000);
    assertThat(context.count("flushes")).isEqualTo(1);
    assertThat(handler().connection.pendingBytes()).isZero();
  }

  @Test
  void smallAndLargePayloadsKeepTheirOrder() throws IOException {
    LocalPeer peer = connect();
    byte[] source = new byte[700_000];
    for (int i = 0; i < source.length; i++) {
      source[i] = (byte) (i * 31 + (i >> 8));
    }
    int[] sizes = {1, 5, 4_095, 3, 4_097, 2, 70_000, 4_096, 1, 300_000, 9, 300_000, 11};
    inLoop(
        connection -> {
          int at = 0;
          for (int size : sizes) {
            connection.output().payload(source, at, size);
            at += size;
            connection.output().reserve(1).writeByte(source[at]);
            at++;
          }
        });
    int sent = Arrays.stream(sizes).sum() + sizes.length;
    assertThat(peer.received()).isEqualTo(Arrays.copyOf(source, sent));
    assertThat(context.count("bytes.written")).isEqualTo(sent);
  }

  @Test
  void aConnectionTooManyIsClosedAtOnceAndCounted() throws IOException {
    context.with(Limit.CONNECTIONS, 2);
    TransportEndpoint endpoint = bind();
    LocalPeer first = time.connect(endpoint.address());
    LocalPeer second = time.connect(endpoint.address());
    assertThat(time.connect(endpoint.address()).closed()).isTrue();
    assertThat(context.count("connections.refused")).isEqualTo(1);
    assertThat(first.closed()).isFalse();

    first.close();
    assertThat(time.connect(endpoint.address()).closed()).isFalse();
    assertThat(second.closed()).isFalse();
    assertThat(context.count("connections.opened")).isEqualTo(3);
    assertThat(context.count("connections.closed{reason=peer}")).isEqualTo(1);
  }

  @Test
  void whoDoesNotLogInInTimeIsClosed() throws IOException {
    LocalPeer peer = connect();
    time.advance(Duration.ofMillis(Limit.CONNECT_TIMEOUT_MS.byDefault() - 1));
    assertThat(peer.closed()).isFalse();
    time.advance(Duration.ofMillis(1));
    assertThat(peer.closed()).isTrue();
    assertThat(handler().events).containsExactly("closed");
    assertThat(context.count("connections.closed{reason=connect-timeout}")).isEqualTo(1);
  }

  @Test
  void whoHasLoggedInMayStay() throws IOException {
    LocalPeer peer = connect();
    inLoop(Connection::loggedIn);
    time.advance(Duration.ofDays(1));
    assertThat(peer.closed()).isFalse();
  }

  @Test
  void aHandlerThatFailsLosesItsOwnConnectionOnly() throws IOException {
    losesItsOwnConnectionOnly(
        () -> {
          throw new IllegalStateException("on purpose");
        });
  }

  @Test
  void aHandlerThatRecursesTooDeepLosesItsOwnConnectionOnly() throws IOException {
    losesItsOwnConnectionOnly(
        () -> {
          throw new StackOverflowError("on purpose");
        });
  }

  private void losesItsOwnConnectionOnly(Runnable failure) throws IOException {
    LocalPeer innocent = connect();
    TransportEndpoint failing =
        context.bind(
            connection ->
                new ReadOnly() {
                  @Override
                  public void onRead(ByteBuf in) {
                    failure.run();
                  }
                });
    LocalPeer peer = time.connect(failing.address());
    peer.send((byte) 1);
    assertThat(peer.closed()).isTrue();
    assertThat(context.count("connections.closed{reason=error}")).isEqualTo(1);
    innocent.send((byte) 0);
    assertThat(innocent.received()).containsExactly(0);
  }

  @Test
  void aTaskThatFailsHarmsNoOtherOfItsLoop() throws IOException {
    LocalPeer peer = connect();
    inLoop(
        connection ->
            connection
                .loop()
                .execute(
                    () -> {
                      throw new NoClassDefFoundError("on purpose");
                    }));
    peer.send((byte) 0);
    assertThat(peer.received()).containsExactly(0);
  }

  @Test
  void aHandlerThatRunsOutOfMemoryEndsItsLoopAndSomebodyIsTold() throws IOException {
    var told = new ArrayList<Throwable>();
    context.loops().onFailure(told::add);
    var outOfMemory = new OutOfMemoryError("on purpose");
    TransportEndpoint failing =
        context.bind(
            connection ->
                new ReadOnly() {
                  @Override
                  public void onRead(ByteBuf in) {
                    throw outOfMemory;
                  }
                });
    LocalPeer peer = time.connect(failing.address());
    peer.send((byte) 1);
    peer.send((byte) 1);
    assertThat(told).as("nothing is run any more").containsExactly(outOfMemory);
  }

  @Test
  void whatWasWrittenBeforeTheCloseArrivesAndNothingIsReadAfterIt() throws IOException {
    LocalPeer peer = connect();
    inLoop(
        connection -> {
          connection.output().payload(new byte[200_000], 0, 200_000);
          connection.closeAfterFlush();
          connection.closeAfterFlush();
          assertThat(connection.reading()).isFalse();
        });
    peer.send((byte) 0);
    assertThat(peer.received()).hasSize(200_000);
    assertThat(peer.closed()).isTrue();
    assertThat(handler().connection.closed()).isTrue();
    assertThat(handler().events).containsExactly("closed");
    assertThat(context.count("connections.closed{reason=local}")).isEqualTo(1);
  }

  @Test
  void writingToAClosedConnectionIsHarmless() throws IOException {
    LocalPeer peer = connect();
    inLoop(
        connection -> {
          connection.output().reserve(2).writeShort(7);
          connection.close();
          for (int i = 0; i < 100_000; i++) {
            connection.output().reserve(4).writeInt(1);
          }
          connection.output().payload(new byte[10_000], 0, 10_000);
          connection.close();
        });
    assertThat(peer.closed()).isTrue();
    assertThat(peer.received()).isEmpty();
    assertThat(handler().events).containsExactly("closed");
    inLoop(connection -> connection.output().payload(new byte[10], 0, 10));
  }

  @Test
  void theEndpointStopsAcceptingThenClosesWhatIsThere() throws IOException {
    TransportEndpoint endpoint = bind();
    LocalPeer peer = time.connect(endpoint.address());
    endpoint.stopAccepting();
    peer.send((byte) 0);
    assertThat(peer.received()).containsExactly(0);

    CompletableFuture<Void> closed = endpoint.close().toCompletableFuture();
    context.loops().await(closed);
    assertThat(peer.closed()).isTrue();
    assertThat(context.count("connections.closed{reason=shutdown}")).isEqualTo(1);
  }

  @Test
  void aPortInUseIsSaidSo() throws IOException {
    TransportEndpoint endpoint = bind();
    int port = endpoint.address().getPort();
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () ->
                TransportEndpoint.bind(
                    "test", Endpoint.onPort(port), context, c -> new EchoHandler(c)))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot listen on 127.0.0.1:%d: Address already in use", port);
  }

  /** A handler that only reads. */
  private abstract static class ReadOnly implements ConnectionHandler {

    @Override
    public void onWritable(boolean writable) {}

    @Override
    public void onClosed() {}
  }
}
