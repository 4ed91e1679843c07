package io.carrick.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Endpoint;
import io.carrick.Limit;
import io.carrick.WebSocket;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests for WebSocket, in virtual time, over connections inside the JVM. */
class UpgradeTest {

  private static final String GOOD = new String(Frames.goodRequest(), StandardCharsets.UTF_8);

  private final VirtualTime time = VirtualTime.inThisThread(2);
  private final TestContext context = new TestContext(time.loops());

  @AfterEach
  void close() {
    context.close();
  }

  private TransportEndpoint bind(WebSocket how) throws IOException {
    return context.bind(Endpoint.onAnyPort().webSocket(how), EchoHandler::new);
  }

  private static String answer(LocalPeer peer) throws IOException {
    return Frames.head(new ByteArrayInputStream(peer.received()));
  }

  private static void serves(LocalPeer peer) {
    peer.send(Frames.binary((byte) 0));
    assertThat(peer.received()).containsExactly(0x82, 1, 0);
  }

  private static Arguments wrong(
      String reason, int status, String header, UnaryOperator<String> change) {
    return Arguments.of(reason, status, header, change.apply(GOOD));
  }

  static Stream<Arguments> wrongRequests() {
    return Stream.of(
        wrong("not-http", 400, "", good -> "\u0010\20\0\4MQTT\4\2\r\n\r\n"),
        wrong("not-http", 400, "", good -> good.replace("Host:", "Ho st:")),
        wrong("head-too-large", 414, "", good -> good.replace("/mqtt", "/" + "m".repeat(5_000))),
        wrong(
            "head-too-large",
            431,
            "",
            good -> good.replace("Host:", "Cookie: " + "c".repeat(20_000) + "\r\nHost:")),
        wrong("path", 404, "", good -> good.replace("/mqtt", "/")),
        wrong("path", 404, "", good -> good.replace("/mqtt", "/mqtt/")),
        wrong("method", 405, "allow: GET", good -> good.replace("GET", "POST")),
        wrong("no-upgrade", 426, "upgrade: websocket", good -> good.replace("Upgrade: w", "X: w")),
        wrong("no-upgrade", 426, "upgrade: websocket", good -> good.replace(", Upgrade", "")),
        wrong(
            "websocket-version",
            426,
            "sec-websocket-version: 13",
            good -> good.replace("Version: 13", "Version: 8")),
        wrong("malformed-upgrade", 400, "", good -> good.replace("HTTP/1.1", "HTTP/1.0")),
        wrong("malformed-upgrade", 400, "", good -> good.replace("Host:", "Toast:")),
        wrong("malformed-upgrade", 400, "", good -> good.replace("-Key", "-Kez")),
        wrong("malformed-upgrade", 400, "", good -> good.replace("dGhlI", "dGh=I")),
        wrong("malformed-upgrade", 400, "", good -> good.replace("dGhlI", "I")),
        wrong(
            "malformed-upgrade",
            400,
            "",
            good -> good.replace("Host:", "Content-Length: 4\r\nHost:")),
        wrong("subprotocol", 400, "", good -> good.replace("other, test", "other, tested")),
        wrong("subprotocol", 400, "", good -> good.replace("-Protocol", "-Pro")),
        wrong("origin", 403, "", good -> good.replace("Host:", "Origin: http://evil\r\nHost:")));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("wrongRequests")
  @Tag("MQTT-6.0.0-4/5")
  @Tag("MQTT-6.0.0-4/311")
  void aWrongRequestIsAnsweredAndCounted(String reason, int status, String header, String request)
      throws IOException {
    TransportEndpoint endpoint = bind(WebSocket.atUsualPath().origins("https://good.example"));
    LocalPeer peer = time.connect(endpoint.address());
    peer.send(request.getBytes(StandardCharsets.UTF_8));
    assertThat(answer(peer))
        .startsWith("HTTP/1.1 " + status + " ")
        .containsIgnoringCase(header)
        .containsIgnoringCase("connection: close");
    assertThat(peer.closed()).isTrue();
    assertThat(context.count("handshakes.failed{reason=" + reason + "}")).isEqualTo(1);
    assertThat(context.count("connections.closed{reason=handshake}")).isEqualTo(1);
    assertThat(context.count("held.connections")).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sec-WebSocket-Protocol: test",
        "sec-websocket-protocol:x , test,y",
        "Sec-WebSocket-Protocol: x\r\nSec-WebSocket-Protocol: test",
        "Sec-WebSocket-Protocol: test\r\nOrigin: https://GOOD.example",
        "Sec-WebSocket-Protocol: test\r\nSec-WebSocket-Extensions: permessage-deflate",
        "Sec-WebSocket-Protocol: test\r\nContent-Length: 0"
      })
  @Tag("MQTT-6.0.0-4/5")
  @Tag("MQTT-6.0.0-4/311")
  void theSubprotocolIsOursAndNothingElseIsAgreed(String headers) throws IOException {
    TransportEndpoint endpoint = bind(WebSocket.at("/ws").origins("https://good.example"));
    LocalPeer peer = time.connect(endpoint.address());
    peer.send(Frames.request("/ws?token=1", headers));
    assertThat(answer(peer))
        .startsWith("HTTP/1.1 101 ")
        .containsIgnoringCase("sec-websocket-protocol: test\r\n")
        .doesNotContainIgnoringCase("extensions");
    serves(peer);
    assertThat(context.count("handshakes.completed")).isEqualTo(1);
  }

  @Test
  void ofSeveralSubprotocolsTheFirstOfOursIsChosen() throws IOException {
    TransportEndpoint endpoint = bind(WebSocket.atUsualPath().subprotocols("new", "old"));
    LocalPeer both = time.connect(endpoint.address());
    both.send(Frames.request("/mqtt", "Sec-WebSocket-Protocol: old, new"));
    assertThat(answer(both)).containsIgnoringCase("sec-websocket-protocol: new\r\n");
    LocalPeer one = time.connect(endpoint.address());
    one.send(Frames.request("/mqtt", "Sec-WebSocket-Protocol: old"));
    assertThat(answer(one)).containsIgnoringCase("sec-websocket-protocol: old\r\n");
  }

  @Test
  void whoNeverComesToTheEndOfARequestIsClosedWhileOthersAreServed() throws IOException {
    TransportEndpoint endpoint = bind(WebSocket.atUsualPath());
    LocalPeer silent = time.connect(endpoint.address());
    LocalPeer slow = time.connect(endpoint.address());
    slow.send("GET /mqtt HTTP/1.1\r\n".getBytes(StandardCharsets.UTF_8));
    for (long ms = 0; ms < Limit.CONNECT_TIMEOUT_MS.byDefault(); ms += 1_000) {
      slow.send((byte) 'a');
      time.advance(Duration.ofSeconds(1));
    }
    LocalPeer good = time.connect(endpoint.address());
    good.send(Frames.goodRequest());
    answer(good);
    serves(good);
    assertThat(List.of(silent.closed(), slow.closed())).containsExactly(true, true);
    assertThat(context.count("handshakes.failed{reason=timeout}")).isEqualTo(2);
    assertThat(context.count("connections.closed{reason=connect-timeout}")).isEqualTo(2);
  }

  @Test
  void whoIsGrantedAndThenSaysNothingIsClosedInTime() throws IOException {
    LocalPeer peer = time.connect(bind(WebSocket.atUsualPath()).address());
    peer.send(Frames.goodRequest());
    answer(peer);
    time.advance(Duration.ofMillis(Limit.CONNECT_TIMEOUT_MS.byDefault()));
    assertThat(peer.received()).containsExactly(0x88, 2, 3, 0xf0); // 1008
    assertThat(peer.closed()).isTrue();
    assertThat(context.count("handshakes.completed")).isEqualTo(1);
    assertThat(context.count("connections.closed{reason=connect-timeout}")).isEqualTo(1);
  }

  @Test
  void whoComesBeyondTheBoundOfHandshakesIsClosed() throws IOException {
    context.with(Limit.HANDSHAKES, 2);
    TransportEndpoint endpoint = bind(WebSocket.atUsualPath());
    LocalPeer one = time.connect(endpoint.address());
    LocalPeer two = time.connect(endpoint.address());
    assertThat(time.connect(endpoint.address()).closed()).isTrue();
    assertThat(context.count("handshakes.failed{reason=limit}")).isEqualTo(1);
    one.close();
    assertThat(context.count("handshakes.failed{reason=gone}")).isEqualTo(1);
    two.send(Frames.goodRequest());
    answer(two);
    LocalPeer three = time.connect(endpoint.address());
    three.send(Frames.goodRequest());
    answer(three);
    serves(three);
    serves(two);
  }
}
