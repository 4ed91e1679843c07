package io.carrick.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Endpoint;
import io.carrick.Limit;
import io.carrick.WebSocket;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Headers of proxies, in virtual time, over connections inside the JVM. */
class ProxyProtocolTest {

  /** The first twelve bytes of version 2. */
  private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

  private static final byte[] GOOD = text("PROXY TCP4 203.0.113.7 192.0.2.1 54321 1883\r\n");

  private final VirtualTime time = VirtualTime.inThisThread(2);
  private final TestContext context = new TestContext(time.loops());
  private final List<EchoHandler> handlers = new ArrayList<>();

  @AfterEach
  void close() {
    context.close();
  }

  private TransportEndpoint bind(Endpoint where) throws IOException {
    return context.bind(
        where.proxyProtocol(true),
        connection -> {
          var handler = new EchoHandler(connection);
          handlers.add(handler);
          return handler;
        });
  }

  private Connection connection() {
    return handlers.get(handlers.size() - 1).connection;
  }

  private static byte[] text(String line) {
    return line.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(SIGNATURE + digits);
  }

  static Stream<Arguments> headers() {
    return Stream.of(
        Arguments.of(GOOD, "203.0.113.7:54321", false),
        Arguments.of(text("PROXY TCP4 127.0.0.1 127.0.0.1 9 1883\r\n"), "127.0.0.1:9", true),
        Arguments.of(
            text("PROXY TCP6 2001:db8::7 2001:db8::1 9 1883\r\n"), "2001:db8:0:0:0:0:0:7:9", false),
        Arguments.of(text("PROXY UNKNOWN\r\n"), "unknown", false),
        Arguments.of(
            hex("2111000c" + "cb007107" + "c0000201" + "d431" + "075b"),
            "203.0.113.7:54321",
            false),
        Arguments.of(
            hex(
                "2121"
                    + "0024"
                    + "20010db8000000000000000000000007"
                    + "20010db8000000000000000000000001"
                    + "0009"
                    + "075b"),
            "2001:db8:0:0:0:0:0:7:9",
            false),
        // with something behind the addresses that we do not know
        Arguments.of(
            hex("21110011" + "cb007107" + "c0000201" + "d431" + "075b" + "e100020102"),
            "203.0.113.7:54321",
            false),
        Arguments.of(hex("21000000"), "unknown", false), // of no kind that it could name
        Arguments.of(hex("20000000"), "in-jvm", true)); // the proxy itself
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("headers")
  void thePeerIsWhomTheHeaderNamesHoweverItIsSplit(byte[] header, String peer, boolean local)
      throws IOException {
    TransportEndpoint endpoint = bind(Endpoint.onAnyPort());
    byte[] all = Frames.joined(header, new byte[] {2, 'a', 'b'});
    for (int at = 0; at <= all.length; at++) {
      LocalPeer client = time.connect(endpoint.address());
      client.send(Arrays.copyOf(all, at));
      client.send(Arrays.copyOfRange(all, at, all.length));
      assertThat(client.received()).as("split at %d", at).containsExactly(2, 'a', 'b');
      assertThat(connection().remoteAddress()).isEqualTo(peer);
      assertThat(connection().remoteLoopback()).isEqualTo(local);
      client.send((byte) 0);
      assertThat(client.received()).containsExactly(0);
      client.close();
    }
    assertThat(context.count("handshakes.completed")).isEqualTo(all.length + 1);
    assertThat(context.count("bytes.read")).isEqualTo((all.length + 1) * 4L);
    assertThat(context.count("held.connections")).isZero();
  }

  static Stream<Arguments> wrongHeaders() {
    return Stream.of(
        Arguments.of(text("\u0010\20\0\4MQTT\4\2\0\0\0\4test")),
        Arguments.of(text("GET / HTTP/1.1\r\n\r\n")),
        Arguments.of(text("PROXI TCP4 1.2.3.4 1.2.3.4 1 1\r\n")),
        Arguments.of(text("PROXY TCP4 203.0.113.777 192.0.2.1 5 6\r\n")),
        Arguments.of(text("PROXY TCP4 203.0.113.7 192.0.2.1 70000 6\r\n")),
        Arguments.of(text("PROXY TCP9 203.0.113.7 192.0.2.1 5 6\r\n")),
        Arguments.of(text("PROXY TCP4 " + "1".repeat(200))),
        Arguments.of(hex("3111000c" + "cb007107" + "c0000201" + "d431" + "075b")),
        Arguments.of(hex("21110004" + "cb007107")),
        Arguments.of(hex("21110011" + "cb007107" + "c0000201" + "d431" + "075b" + "e1ffff0102")),
        Arguments.of(hex("21110011" + "cb007107" + "c0000201" + "d431" + "075b" + "2000020102")),
        Arguments.of(Frames.joined(hex("2111ffff"), new byte[10_000])));
  }

  @ParameterizedTest
  @MethodSource("wrongHeaders")
  void whoDoesNotBeginWithAHeaderIsClosedAndCounted(byte[] wrong) throws IOException {
    TransportEndpoint endpoint = bind(Endpoint.onAnyPort());
    LocalPeer innocent = time.connect(endpoint.address());
    innocent.send(GOOD);
    LocalPeer peer = time.connect(endpoint.address());
    peer.send(wrong);
    assertThat(peer.closed()).isTrue();
    assertThat(peer.received()).isEmpty();
    assertThat(handlers.get(1).events).containsExactly("closed");
    assertThat(context.count("handshakes.failed{reason=proxy-header}")).isEqualTo(1);
    assertThat(context.count("connections.closed{reason=handshake}")).isEqualTo(1);
    innocent.send((byte) 0);
    assertThat(innocent.received()).containsExactly(0);
  }

  @Test
  void whoseHeaderDoesNotComeIsClosedInTime() throws IOException {
    TransportEndpoint endpoint = bind(Endpoint.onAnyPort());
    LocalPeer silent = time.connect(endpoint.address());
    LocalPeer slow = time.connect(endpoint.address());
    slow.send(Arrays.copyOf(GOOD, 20));
    time.connect(endpoint.address()).close();
    assertThat(context.count("handshakes.failed{reason=gone}")).isEqualTo(1);
    time.advance(Duration.ofMillis(Limit.CONNECT_TIMEOUT_MS.byDefault()));
    assertThat(List.of(silent.closed(), slow.closed())).containsExactly(true, true);
    assertThat(context.count("handshakes.failed{reason=timeout}")).isEqualTo(2);
    assertThat(context.count("held.connections")).isZero();
  }

  @Test
  void aPauseBeforeTheHeaderHoldsBackWhatFollowsIt() throws IOException {
    TransportEndpoint endpoint =
        context.bind(
            Endpoint.onAnyPort().proxyProtocol(true),
            connection -> {
              connection.pauseReading();
              var handler = new EchoHandler(connection);
              handlers.add(handler);
              return handler;
            });
    LocalPeer peer = time.connect(endpoint.address());
    peer.send(Frames.joined(GOOD, new byte[] {1, 'x'}));
    assertThat(peer.received()).isEmpty();
    connection().loop().execute(connection()::resumeReading);
    assertThat(peer.received()).containsExactly(1, 'x');
  }

  @Test
  void webSocketMayFollowTheHeader() throws IOException {
    LocalPeer peer =
        time.connect(bind(Endpoint.onAnyPort().webSocket(WebSocket.atUsualPath())).address());
    peer.send(Frames.joined(GOOD, Frames.goodRequest(), Frames.binary((byte) 1, (byte) 'x')));
    var in = new ByteArrayInputStream(peer.received());
    assertThat(Frames.head(in)).startsWith("HTTP/1.1 101 ");
    assertThat(Frames.read(in).payload()).containsExactly(1, 'x');
    assertThat(connection().remoteAddress()).isEqualTo("203.0.113.7:54321");
    assertThat(context.count("handshakes.completed")).isEqualTo(1);
  }
}
