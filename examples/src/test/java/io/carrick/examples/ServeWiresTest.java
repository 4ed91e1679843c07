package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.examples.ctl.CtlClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.Socket;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code carrick serve} on other wires than plain ports. */
class ServeWiresTest {

  /** CONNECT of 3.1.1 with the client id "c", and its CONNACK. */
  private static final byte[] CONNECT = {16, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0, 0, 1, 'c'};

  private static final byte[] CONNACK = {32, 2, 0, 0};

  private static String file(String name) {
    return TestCertificates.file(name).toString();
  }

  private static Matcher ready(Program serve, String endpoints) throws InterruptedException {
    Matcher ready =
        Pattern.compile("carrick ready " + endpoints + " in \\d+ ms")
            .matcher(serve.awaitLine("carrick ready"));
    assertThat(ready.matches()).isTrue();
    return ready;
  }

  /** Hears binary frames. */
  private static final class Heard implements WebSocket.Listener {

    private final BlockingQueue<ByteBuffer> frames = new LinkedBlockingQueue<>();

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      frames.add(ByteBuffer.allocate(data.remaining()).put(data).flip());
      socket.request(1);
      return null;
    }
  }

  private static void connects(HttpClient client, String uri) throws InterruptedException {
    var heard = new Heard();
    WebSocket socket =
        client
            .newWebSocketBuilder()
            .subprotocols("mqtt")
            .header("Origin", "https://a.example")
            .buildAsync(URI.create(uri), heard)
            .join();
    socket.sendBinary(ByteBuffer.wrap(CONNECT), true).join();
    assertThat(heard.frames.poll(10, TimeUnit.SECONDS)).isEqualTo(ByteBuffer.wrap(CONNACK));
    socket.abort();
  }

  @Test
  void webSocketIsSpokenPlainAndOverTls() throws Exception {
    try (Program serve =
        Program.carrick(
            "serve",
            "--mqtt",
            "none",
            "--amqp",
            "none",
            "--ws",
            "0",
            "--ws",
            "localhost:0/factory",
            "--wss",
            "0",
            "--ws-path",
            "/deep/mqtt",
            "--ws-origin",
            "https://a.example",
            "--ws-origin",
            "https://b.example",
            "--cert",
            file("server.crt"),
            "--key",
            file("server.key"))) {
      String port = "=127\\.0\\.0\\.1:(\\d+)";
      Matcher ready = ready(serve, "ws" + port + " ws-2" + port + " wss" + port);
      HttpClient plain = HttpClient.newHttpClient();
      connects(plain, "ws://localhost:" + ready.group(1) + "/deep/mqtt");
      connects(plain, "ws://localhost:" + ready.group(2) + "/deep/mqtt");
      HttpClient secured =
          HttpClient.newBuilder().sslContext(TestCertificates.client("TLSv1.3", "")).build();
      connects(secured, "wss://localhost:" + ready.group(3) + "/deep/mqtt");
    }
  }

  @Test
  @EnabledOnOs(
      value = OS.LINUX,
      architectures = {"amd64", "aarch64"})
  void unixSocketsAreOnTheReadyLineAndGoneAfterwards(@TempDir Path folder) throws Exception {
    Path mqtt = folder.resolve("mqtt.sock");
    Path amqp = folder.resolve("amqp.sock");
    try (Program serve =
        Program.carrick(
            "serve",
            "--mqtt",
            "none",
            "--amqp",
            "none",
            "--mqtt-unix",
            mqtt.toString(),
            "--amqp-unix",
            amqp.toString(),
            "--ctl",
            folder.resolve("ctl.sock").toString())) {
      ready(serve, "mqtt-unix=" + mqtt + " amqp-unix=" + amqp);
      try (SocketChannel client = answers(mqtt, CONNECT, CONNACK)) {
        var out = new ByteArrayOutputStream();
        CtlClient.run(
            List.of("list_connections", "-q", "peer_host", "peer_port"),
            Optional.of(folder.resolve("ctl.sock").toString()),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            System.err);
        assertThat(out).asString().contains("unix:" + mqtt + "\t0\n");
        assertThat(client.isConnected()).isTrue();
      }
      answers(
              amqp,
              "AMQP\0\0\1\0".getBytes(StandardCharsets.US_ASCII),
              "AMQP\0\0\11\1".getBytes(StandardCharsets.US_ASCII))
          .close();
      serve.terminate();
      assertThat(serve.exitCode()).isZero();
    }
    assertThat(Files.list(folder)).isEmpty();
  }

  private static SocketChannel answers(Path socket, byte[] said, byte[] heard) throws IOException {
    SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    client.write(ByteBuffer.wrap(said));
    ByteBuffer in = ByteBuffer.allocate(heard.length);
    while (in.hasRemaining() && client.read(in) >= 0) {
      Thread.onSpinWait();
    }
    assertThat(in.array()).isEqualTo(heard);
    return client;
  }

  @Test
  void aProxySaysWhereAClientComesFrom() throws Exception {
    try (Program serve =
        Program.carrick("serve", "--mqtt", "0", "--amqp", "none", "--proxy-protocol")) {
      int port = Integer.parseInt(ready(serve, "mqtt=127\\.0\\.0\\.1:(\\d+)").group(1));
      assertThat(answer(port, "PROXY TCP4 127.0.0.7 127.0.0.1 9 9\r\n")).isEqualTo(CONNACK);
      // Strangers do not get in without a login, though the proxy is on this machine.
      assertThat(answer(port, "PROXY TCP4 203.0.113.7 127.0.0.1 9 9\r\n"))
          .containsExactly(32, 2, 0, 5);
      assertThat(answer(port, "")).isEmpty();
    }
  }

  private static byte[] answer(int port, String header) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.getOutputStream().write(header.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(CONNECT);
      InputStream in = socket.getInputStream();
      return in.readNBytes(CONNACK.length);
    }
  }

  @Test
  void theHostThatAClientAsksForChoosesTheCertificate() throws Exception {
    try (Program serve =
        Program.carrick(
            "serve",
            "--mqtt",
            "none",
            "--amqp",
            "none",
            "--mqtts",
            "0",
            "--cert",
            file("server.crt"),
            "--key",
            file("server.key"),
            "--cert",
            file("other.crt"),
            "--key",
            file("other.key"))) {
      int port = Integer.parseInt(ready(serve, "mqtts=127\\.0\\.0\\.1:(\\d+)").group(1));
      for (String host : new String[] {"broker.example", "localhost"}) {
        var factory = TestCertificates.client("TLSv1.3", "").getSocketFactory();
        try (var socket =
            (SSLSocket) factory.createSocket(new Socket("127.0.0.1", port), host, port, true)) {
          assertThat(socket.getSession().getPeerPrincipal().getName())
              .isEqualTo(host.equals("localhost") ? "CN=localhost" : "CN=other");
        }
      }
    }
  }

  @Test
  void mistakesAreOneClearLine(@TempDir Path folder) throws Exception {
    Path letter = Files.writeString(folder.resolve("letter"), "dear");
    failsWith(1, letter + ": it is there and is no socket", "--mqtt-unix", letter.toString());
    failsWith(2, "--ws-path begins with a slash", "--ws", "0", "--ws-path", "mqtt");
    failsWith(2, "--ws is [HOST:]PORT[/VHOST]: here", "--ws", "here");
    failsWith(2, "need --cert and --key, or --pkcs12", "--wss", "0");
    failsWith(
        1,
        "cannot use /no/such.crt: no such file",
        "--wss",
        "0",
        "--cert",
        "/no/such.crt",
        "--key",
        file("server.key"));
    failsWith(
        2,
        "need --cert and --key, or --pkcs12",
        "--wss",
        "0",
        "--cert",
        file("server.crt"),
        "--cert",
        file("other.crt"),
        "--key",
        file("server.key"));
    Path right = Files.writeString(folder.resolve("right"), TestCertificates.PASSWORD + "\n");
    failsWith(
        1,
        "cannot use " + file("expired.p12") + ": its certificate has expired, on 202",
        "--wss",
        "0",
        "--pkcs12",
        file("expired.p12"),
        "--key-password-file",
        right.toString());
    Path password = Files.writeString(folder.resolve("password"), "wrong\n");
    failsWith(
        1,
        "cannot use " + file("server.p12") + ": wrong password, or no PKCS #12 file",
        "--wss",
        "0",
        "--pkcs12",
        file("server.p12"),
        "--key-password-file",
        password.toString());
  }

  private static void failsWith(int exitCode, String message, String... more) throws Exception {
    String[] arguments = new String[more.length + 5];
    System.arraycopy(new String[] {"serve", "--mqtt", "0", "--amqp", "0"}, 0, arguments, 0, 5);
    System.arraycopy(more, 0, arguments, 5, more.length);
    try (Program serve = Program.carrick(arguments)) {
      assertThat(serve.exitCode()).isEqualTo(exitCode);
      assertThat(serve.errors().lines())
          .singleElement()
          .asString()
          .startsWith("carrick: ")
          .contains(message);
    }
  }
}
