package io.carrick.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Endpoint;
import io.carrick.mqtt.codec.Packets;
import io.carrick.mqtt.codec.ServerPackets;
import io.carrick.testing.BrokerExtension;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The JDK's client of WebSocket, which has no Netty in it. */
@Timeout(60)
class JdkWebSocketTest implements WebSocket.Listener {

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.with(
              Mqtt.on(Endpoint.onAnyPort().webSocket(io.carrick.WebSocket.atUsualPath())))
          .realTime();

  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final ByteArrayOutputStream unread = new ByteArrayOutputStream();

  @Override
  public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
    byte[] part = new byte[data.remaining()];
    data.get(part);
    unread.writeBytes(part);
    if (last) {
      heard.addAll(ServerPackets.describe(unread.toByteArray()));
      unread.reset();
    }
    socket.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
    heard.add("pong");
    socket.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
    heard.add("close " + status);
    return null;
  }

  private WebSocket connect(String path) {
    return HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .subprotocols("mqtt")
        .buildAsync(URI.create("ws://localhost:" + broker.address("mqtt").getPort() + path), this)
        .join();
  }

  private void hears(String words) throws InterruptedException {
    assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(words);
  }

  @Test
  void itConnectsSendsInPartsAndGoes() throws Exception {
    WebSocket socket = connect("/mqtt");
    assertThat(socket.getSubprotocol()).isEqualTo("mqtt");
    socket.sendBinary(ByteBuffer.wrap(Packets.connect("c").bytes()), true).join();
    hears("CONNACK 0");
    byte[] large = Packets.publish("a", "x".repeat(100_000), 1, 1);
    for (int at = 0; at < large.length; at += 30_000) {
      int end = Math.min(large.length, at + 30_000);
      var part = ByteBuffer.wrap(Arrays.copyOfRange(large, at, end));
      socket.sendBinary(part, end == large.length).join();
      socket.sendPing(ByteBuffer.allocate(0)).join();
    }
    String next = heard.poll(10, TimeUnit.SECONDS);
    while ("pong".equals(next)) {
      next = heard.poll(10, TimeUnit.SECONDS);
    }
    assertThat(next).isEqualTo("PUBACK #1");
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    next = heard.poll(10, TimeUnit.SECONDS);
    while ("pong".equals(next)) {
      next = heard.poll(10, TimeUnit.SECONDS);
    }
    assertThat(next).isEqualTo("close 1000");
  }

  @Test
  void textIsRefused() throws Exception {
    WebSocket socket = connect("/mqtt");
    socket.sendText("hello", true).join();
    hears("close 1003");
  }

  @Test
  void anotherPathIsNotFound() {
    assertThatThrownBy(() -> connect("/other"))
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            WebSocketHandshakeException.class,
            refused -> assertThat(refused.getResponse().statusCode()).isEqualTo(404));
  }
}
