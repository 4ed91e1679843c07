package io.carrick.transport;

import static io.carrick.transport.Frames.BINARY;
import static io.carrick.transport.Frames.CLOSE;
import static io.carrick.transport.Frames.CONTINUATION;
import static io.carrick.transport.Frames.LAST;
import static io.carrick.transport.Frames.PING;
import static io.carrick.transport.Frames.PONG;
import static io.carrick.transport.Frames.TEXT;
import static io.carrick.transport.Frames.binary;
import static io.carrick.transport.Frames.joined;
import static io.carrick.transport.Frames.masked;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Endpoint;
import io.carrick.Limit;
import io.carrick.WebSocket;
import io.carrick.transport.Frames.Frame;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Frames of WebSocket, in virtual time, over connections inside the JVM. */
class WebSocketTest {

  private final VirtualTime time = VirtualTime.inThisThread(2);
  private final TestContext context = new TestContext(time.loops());
  private final List<EchoHandler> handlers = new ArrayList<>();

  @AfterEach
  void close() {
    context.close();
  }

  private TransportEndpoint bind() throws IOException {
    return bind(WebSocket.atUsualPath());
  }

  private TransportEndpoint bind(WebSocket how) throws IOException {
    return context.bind(
        Endpoint.onAnyPort().webSocket(how),
        connection -> {
          var handler = new EchoHandler(connection);
          handlers.add(handler);
          return handler;
        });
  }

  /** Returns a peer whose request was granted. */
  private LocalPeer connect(TransportEndpoint endpoint) throws IOException {
    LocalPeer peer = time.connect(endpoint.address());
    peer.send(Frames.goodRequest());
    assertThat(Frames.head(new ByteArrayInputStream(peer.received())))
        .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
        .containsIgnoringCase("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")
        .containsIgnoringCase("sec-websocket-protocol: test\r\n")
        .doesNotContainIgnoringCase("extensions");
    return peer;
  }

  private LocalPeer connect() throws IOException {
    return connect(bind());
  }

  /** Does something in the loop of the newest connection. */
  private void inLoop(Consumer<Connection> action) {
    Connection connection = handlers.get(handlers.size() - 1).connection;
    connection.loop().execute(() -> action.accept(connection));
    time.settle();
  }

  private static List<Frame> frames(LocalPeer peer) throws IOException {
    var in = new ByteArrayInputStream(peer.received());
    var frames = new ArrayList<Frame>();
    while (in.available() > 0) {
      frames.add(Frames.read(in));
    }
    return frames;
  }

  /** Returns what came in binary frames, and that nothing else did. */
  private static byte[] payload(LocalPeer peer) throws IOException {
    List<Frame> frames = frames(peer);
    assertThat(frames).allMatch(frame -> frame.first() == (LAST | BINARY));
    return joined(frames.stream().map(Frame::payload).toArray(byte[][]::new));
  }

  private static void isClosed(LocalPeer peer, int status) throws IOException {
    List<Frame> frames = frames(peer);
    assertThat(frames).hasSize(1);
    assertThat(frames.get(0).first()).isEqualTo(LAST | CLOSE);
    assertThat(frames.get(0).status()).isEqualTo(status);
  }

  // ---- frames

  @Test
  @Tag("MQTT-6.0.0-2/5")
  @Tag("MQTT-6.0.0-2/311")
  void packetsMayBeginAndEndAnywhereInFrames() throws IOException {
    byte[] packets = {3, 'a', 'b', 'c', 0, 1, 'd'};
    LocalPeer peer = connect();
    for (int at = 0; at <= packets.length; at++) {
      peer.send(
          joined(
              binary(Arrays.copyOf(packets, at)),
              binary(Arrays.copyOfRange(packets, at, packets.length))));
      assertThat(payload(peer)).as("cut at %d", at).containsExactly(packets);
    }
    for (byte single : packets) {
      peer.send(binary(single));
    }
    assertThat(payload(peer)).containsExactly(packets);
    peer.send(binary(joined(packets, packets, packets)));
    assertThat(payload(peer)).containsExactly(joined(packets, packets, packets));
    assertThat(context.count("bytes.read")).isEqualTo(12L * packets.length);
    assertThat(context.count("bytes.written")).isEqualTo(12L * packets.length);
  }

  @Test
  void aMessageMayBeInManyFramesWithPingsBetween() throws IOException {
    LocalPeer peer = connect();
    peer.send(masked(BINARY, (byte) 4));
    peer.send(masked(LAST | PING, (byte) 'p'));
    peer.send(masked(CONTINUATION, (byte) 'a', (byte) 'b'));
    peer.send(masked(CONTINUATION));
    peer.send(masked(LAST | PONG, (byte) 'x'));
    peer.send(masked(LAST | CONTINUATION, (byte) 'c', (byte) 'd'));
    List<Frame> frames = frames(peer);
    assertThat(frames).extracting(Frame::first).containsExactly(LAST | PONG, LAST | BINARY);
    assertThat(frames.get(0).payload()).containsExactly('p');
    assertThat(frames.get(1).payload()).containsExactly(4, 'a', 'b', 'c', 'd');
  }

  @Test
  void whatComesInOneReadIsTheSameInAnyParts() throws IOException {
    byte[] said = joined(binary((byte) 2, (byte) 'a'), masked(LAST | PING), binary((byte) 'b'));
    TransportEndpoint endpoint = bind();
    for (int size = 1; size < said.length; size++) {
      LocalPeer peer = connect(endpoint);
      for (int at = 0; at < said.length; at += size) {
        peer.send(Arrays.copyOfRange(said, at, Math.min(said.length, at + size)));
      }
      assertThat(frames(peer))
          .as("in parts of %d", size)
          .extracting(Frame::first)
          .containsExactly(LAST | PONG, LAST | BINARY);
    }
  }

  @Test
  void framesMayFollowTheRequestAtOnce() throws IOException {
    LocalPeer peer = time.connect(bind().address());
    byte[] all = joined(Frames.goodRequest(), binary((byte) 1, (byte) 'x'));
    for (byte single : Arrays.copyOf(all, all.length - 1)) {
      peer.send(single);
    }
    peer.send(all[all.length - 1]);
    var in = new ByteArrayInputStream(peer.received());
    Frames.head(in);
    assertThat(Frames.read(in).payload()).containsExactly(1, 'x');

    LocalPeer atOnce = time.connect(bind().address());
    atOnce.send(all);
    in = new ByteArrayInputStream(atOnce.received());
    Frames.head(in);
    assertThat(Frames.read(in).payload()).containsExactly(1, 'x');
  }

  @Test
  void manyWritesOfATurnAreOneFrame() throws IOException {
    LocalPeer peer = connect();
    inLoop(
        connection -> {
          for (int i = 0; i < 1_000; i++) {
            connection.output().reserve(4).writeInt(i);
          }
        });
    List<Frame> frames = frames(peer);
    assertThat(frames).singleElement().extracting(f -> f.payload().length).isEqualTo(4_000);
    assertThat(context.count("flushes")).isEqualTo(1);
    assertThat(handlers.get(0).connection.pendingBytes()).isZero();
  }

  @Test
  void framesOfAnyLengthComeBack() throws IOException {
    LocalPeer peer = connect();
    for (int packets : new int[] {1, 125, 126, 127, 65_535, 65_536, 100_000}) {
      byte[] zeros = new byte[packets];
      peer.send(binary(zeros));
      assertThat(payload(peer)).hasSize(packets);
    }
  }

  @Test
  void aPauseHoldsFramesBack() throws IOException {
    LocalPeer peer = connect();
    inLoop(Connection::pauseReading);
    peer.send(binary((byte) 0));
    peer.send(masked(LAST | PING));
    assertThat(frames(peer)).isEmpty();
    inLoop(Connection::resumeReading);
    assertThat(frames(peer))
        .extracting(Frame::first)
        .containsExactlyInAnyOrder(LAST | BINARY, LAST | PONG);
  }

  @Test
  void ofManyPingsOfATurnTheLastIsAnswered() throws IOException {
    LocalPeer peer = connect();
    byte[] pings = {};
    for (int i = 0; i < 100; i++) {
      pings = joined(pings, masked(LAST | PING, (byte) i));
    }
    peer.send(pings);
    assertThat(frames(peer)).singleElement().extracting(Frame::payload).isEqualTo(new byte[] {99});
  }

  // ---- frames that are not taken

  static Stream<Arguments> wrongFrames() {
    return Stream.of(
        Arguments.of("text", masked(LAST | TEXT, (byte) 'a'), 1003, "text"),
        Arguments.of("begin of text", masked(TEXT, (byte) 'a'), 1003, "text"),
        Arguments.of("no mask", new byte[] {(byte) 0x82, 1, 0}, 1002, "malformed"),
        Arguments.of("reserved bit", masked(0xc2, (byte) 0), 1002, "malformed"),
        Arguments.of("reserved type", masked(0x83, (byte) 0), 1002, "malformed"),
        Arguments.of("reserved control", masked(0x8b, (byte) 0), 1002, "malformed"),
        Arguments.of("cut ping", masked(PING, (byte) 0), 1002, "malformed"),
        Arguments.of("long ping", masked(LAST | PING, new byte[126]), 1002, "malformed"),
        Arguments.of("continues nothing", masked(LAST, (byte) 0), 1002, "malformed"),
        Arguments.of(
            "two beginnings", joined(masked(BINARY), masked(BINARY, (byte) 1)), 1002, "malformed"),
        Arguments.of("half a status", masked(LAST | CLOSE, (byte) 3), 1002, "malformed"),
        Arguments.of("no status", Frames.close(999), 1002, "malformed"),
        Arguments.of("too long", Frames.head(LAST | BINARY, 0x80, 1L << 40), 1009, "too-large"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongFrames")
  @Tag("MQTT-6.0.0-1/5")
  @Tag("MQTT-6.0.0-1/311")
  void aWrongFrameEndsItsConnectionWithAStatus(
      String what, byte[] wrong, int status, String counted) throws IOException {
    TransportEndpoint endpoint = bind();
    LocalPeer innocent = connect(endpoint);
    LocalPeer peer = connect(endpoint);
    peer.send(binary((byte) 1, (byte) 'x'));
    assertThat(payload(peer)).hasSize(2);
    peer.send(joined(wrong, binary((byte) 1, (byte) 'y')));
    isClosed(peer, status);
    assertThat(peer.closed()).isTrue();
    assertThat(context.count("frames.refused{reason=" + counted + "}")).isEqualTo(1);
    assertThat(context.count("connections.closed{reason=websocket}")).isEqualTo(1);
    innocent.send(binary((byte) 0));
    assertThat(payload(innocent)).containsExactly(0);
  }

  @Test
  void whoDoesNotAnswerACloseIsClosedAfterAMoment() throws IOException {
    LocalPeer peer = connect();
    inLoop(Connection::closeAfterFlush);
    isClosed(peer, 1000);
    assertThat(peer.closed()).isFalse();
    time.advance(Duration.ofSeconds(1));
    assertThat(peer.closed()).isTrue();
    assertThat(context.count("held.connections")).isZero();
  }

  @Test
  void whatAFrameAnnouncesTakesNoMemoryAndWhatHasComeIsCounted() throws IOException {
    LocalPeer peer = connect();
    inLoop(Connection::loggedIn);
    long before = context.count("held.connections");
    peer.send(joined(Frames.head(LAST | BINARY, 0x80, 60 << 20), new byte[1_004]));
    assertThat(context.count("held.connections") - before).isBetween(1_000L, 4_096L);
    for (int i = 0; i < 100; i++) {
      peer.send(new byte[10_000]);
    }
    assertThat(context.count("held.connections") - before).isBetween(1_000_000L, 2_200_000L);
    peer.close();
    assertThat(context.count("held.connections")).isZero();
  }

  @Test
  void whoHasNotLoggedInMaySendNoLongFrames() throws IOException {
    context.with(Limit.CONTROL_PACKET_BYTES, 10_000);
    TransportEndpoint endpoint = bind();
    LocalPeer stranger = connect(endpoint);
    byte[] half = joined(Frames.head(LAST | BINARY, 0x80, 100_000), new byte[10_010]);
    stranger.send(half);
    isClosed(stranger, 1009);
    LocalPeer friend = connect(endpoint);
    inLoop(Connection::loggedIn);
    friend.send(half);
    assertThat(frames(friend)).isEmpty();
    assertThat(friend.closed()).isFalse();
  }

  // ---- the end

  @Test
  void closeIsAnsweredWithItsStatusBehindWhatIsOwed() throws IOException {
    for (int status : new int[] {1000, 1001, 4711}) {
      LocalPeer peer = connect();
      peer.send(joined(binary((byte) 0), Frames.close(status), binary((byte) 0)));
      List<Frame> frames = frames(peer);
      assertThat(frames).extracting(Frame::first).containsExactly(LAST | BINARY, LAST | CLOSE);
      assertThat(frames.get(1).status()).isEqualTo(status);
      assertThat(peer.closed()).isTrue();
    }
    LocalPeer silent = connect();
    silent.send(masked(LAST | CLOSE));
    assertThat(frames(silent)).singleElement().extracting(f -> f.payload().length).isEqualTo(0);
    assertThat(silent.closed()).isTrue();
    assertThat(context.count("connections.closed{reason=peer}")).isEqualTo(4);
  }

  @Test
  void whoEndsWithoutAWordIsGone() throws IOException {
    LocalPeer peer = connect();
    peer.endOutput();
    isClosed(peer, 1000);
    assertThat(peer.closed()).isTrue();
    assertThat(context.count("connections.closed{reason=peer}")).isEqualTo(1);
  }

  @Test
  void ourEndIsACloseBehindWhatWasWritten() throws IOException {
    LocalPeer flushed = connect();
    inLoop(
        connection -> {
          connection.output().payload(new byte[200_000], 0, 200_000);
          connection.closeAfterFlush();
        });
    List<Frame> frames = frames(flushed);
    Frame last = frames.get(frames.size() - 1);
    assertThat(last.first()).isEqualTo(LAST | CLOSE);
    assertThat(last.status()).isEqualTo(1000);
    assertThat(frames.stream().mapToInt(f -> f.payload().length).sum()).isEqualTo(200_002);
    assertThat(flushed.closed()).isFalse();
    flushed.send(Frames.close(1000));
    assertThat(flushed.closed()).isTrue();

    LocalPeer atOnce = connect();
    inLoop(Connection::close);
    isClosed(atOnce, 1000);
    assertThat(atOnce.closed()).isTrue();
  }

  @Test
  void theBrokersEndIsSaidAsThat() throws IOException {
    TransportEndpoint endpoint = bind();
    LocalPeer peer = connect(endpoint);
    var closed = endpoint.close().toCompletableFuture();
    isClosed(peer, 1001);
    peer.send(Frames.close(1001));
    context.loops().await(closed);
    assertThat(peer.closed()).isTrue();
  }
}
