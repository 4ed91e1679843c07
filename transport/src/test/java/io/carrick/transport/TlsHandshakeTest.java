package io.carrick.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Endpoint;
import io.carrick.Limit;
import io.carrick.Tls;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates that are renewed, and those who do not come to the end of a handshake. */
class TlsHandshakeTest extends OverTls {

  // ---- renewal

  private static String subject(TransportEndpoint endpoint) throws IOException {
    try (SSLSocket socket = connect(endpoint, CLIENT)) {
      socket.startHandshake();
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
          .getSubjectX500Principal()
          .getName();
    }
  }

  private static Tls copyOf(Path folder, String certificate, String key) throws IOException {
    copy(certificate, folder.resolve("our.crt"));
    copy(key, folder.resolve("our.key"));
    return Tls.pem(folder.resolve("our.crt"), folder.resolve("our.key"));
  }

  private static void copy(String from, Path to) throws IOException {
    Files.copy(Certificates.file(from), to, StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void newCertificatesAreForNewConnections(@TempDir Path folder) throws Exception {
    TransportEndpoint endpoint = bind(copyOf(folder, "server.crt", "server.key"));
    try (SSLSocket old = connect(endpoint, CLIENT)) {
      echoes(old);
      copyOf(folder, "renewed.crt", "renewed.key");
      assertThat(subject(endpoint)).isEqualTo("CN=localhost");

      endpoint.reloadCertificates();
      assertThat(subject(endpoint)).isEqualTo("O=Renewed,CN=localhost");
      echoes(old);
    }
  }

  @Test
  void whatCannotBeUsedLeavesTheOldInForce(@TempDir Path folder) throws Exception {
    TransportEndpoint endpoint = bind(copyOf(folder, "server.crt", "server.key"));
    for (String another : List.of("renewed.crt", "client.crt")) {
      copy(another, folder.resolve("our.crt")); // and not its key
      assertThatThrownBy(endpoint::reloadCertificates)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("does not belong to the first certificate of " + folder);
    }
    Files.delete(folder.resolve("our.key"));
    assertThatThrownBy(endpoint::reloadCertificates)
        .hasMessage("cannot use " + folder.resolve("our.key") + ": no such file");
    assertThat(subject(endpoint)).isEqualTo("CN=localhost");
  }

  @Test
  void filesThatChangeAreNoticed(@TempDir Path folder) throws Exception {
    TransportEndpoint endpoint = bind(copyOf(folder, "server.crt", "server.key"));
    Files.writeString(folder.resolve("our.crt"), "half a certificate");
    time.advance(Duration.ofSeconds(10));
    assertThat(subject(endpoint)).isEqualTo("CN=localhost");
    copyOf(folder, "renewed.crt", "renewed.key");
    while (!subject(endpoint).contains("Renewed")) { // a worker looks, in its own time
      time.advance(Duration.ofSeconds(10));
    }
  }

  // ---- who does not come to the end of a handshake

  @Test
  void whoNeverBeginsIsClosedInTime() throws Exception {
    TransportEndpoint endpoint = bind(Certificates.server());
    try (Socket silent = plain(endpoint)) {
      awaitCount("connections.opened", 1);
      time.advance(Duration.ofMillis(Limit.CONNECT_TIMEOUT_MS.byDefault() - 1));
      assertThat(context.count("connections.closed{reason=connect-timeout}")).isZero();
      time.advance(Duration.ofMillis(1));
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
      awaitCount("connections.closed{reason=connect-timeout}", 1);
      awaitCount("handshakes.failed{reason=timeout}", 1);
    }
    awaitNothingHeld();
  }

  @Test
  void whoSaysSomethingElseIsClosedAndOthersGoOn() throws Exception {
    TransportEndpoint endpoint = bind(Certificates.server());
    try (SSLSocket good = connect(endpoint, CLIENT)) {
      echoes(good);
      for (String word :
          List.of("GET / HTTP/1.1\r\n\r\n", "AMQP\0\0\t\1", "\u0010\20\0\4MQTT\4\2")) {
        try (Socket wrong = plain(endpoint)) {
          wrong.getOutputStream().write(word.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
          wrong.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
        }
      }
      awaitCount("handshakes.failed{reason=not-tls}", 3);
      awaitCount("connections.closed{reason=handshake}", 3);
      echoes(good);
    }
  }

  @Test
  void whoGoesInTheMiddleIsCounted() throws Exception {
    TransportEndpoint endpoint = bind(Certificates.server());
    plain(endpoint).close();
    try (Socket socket = plain(endpoint)) {
      socket.getOutputStream().write(new byte[] {22, 3, 1}); // the beginning of a record
    }
    awaitCount("handshakes.failed{reason=gone}", 2);
    awaitNothingHeld();
  }

  @Test
  void whoComesBeyondTheBoundOfHandshakesIsClosed() throws Exception {
    context.with(Limit.HANDSHAKES, 2);
    TransportEndpoint endpoint = bind(Certificates.server());
    try (Socket one = plain(endpoint);
        Socket two = plain(endpoint)) {
      awaitCount("connections.opened", 2);
      try (Socket three = plain(endpoint)) {
        assertThat(three.getInputStream().read()).isEqualTo(-1);
      }
      awaitCount("handshakes.failed{reason=limit}", 1);
      one.shutdownOutput();
      awaitCount("handshakes.failed{reason=gone}", 1);
      try (SSLSocket three = connect(endpoint, CLIENT)) {
        echoes(three); // whose handshake is over then
        try (SSLSocket four = connect(endpoint, CLIENT)) {
          echoes(four);
        }
      }
      assertThat(two.isClosed()).isFalse();
    }
  }

  @Test
  void aHandshakeDoesNotHoldItsLoop() throws Exception {
    BlockingQueue<Runnable> held = new LinkedBlockingQueue<>();
    try (var narrow = new TestContext(VirtualTime.overSockets(1).loops())) {
      TransportEndpoint endpoint =
          narrow
              .workingIn(held::add)
              .bind(Endpoint.onAnyPort().tls(Certificates.server()), Mirror::new);
      try (SSLSocket socket = connect(endpoint, CLIENT)) {
        var echoed = CompletableFuture.runAsync(() -> assertThat(socket).satisfies(s -> echoes(s)));
        Runnable work = held.take();
        var answer = new CompletableFuture<String>();
        narrow.loops().next().execute(() -> answer.complete("not held"));
        assertThat(narrow.loops().await(answer)).isEqualTo("not held");
        assertThat(echoed).isNotDone();
        while (!echoed.isDone()) {
          if (work != null) {
            work.run();
          }
          work = held.poll(10, TimeUnit.MILLISECONDS);
        }
        echoed.join();
      }
    }
  }

  @Test
  void whoSendsOnWhileAWorkerComputesIsHeldBack() throws Exception {
    BlockingQueue<Runnable> held = new LinkedBlockingQueue<>();
    try (var narrow = new TestContext(VirtualTime.overSockets(1).loops()).workingIn(held::add)) {
      TransportEndpoint endpoint =
          narrow.bind(Endpoint.onAnyPort().tls(Certificates.server()), Mirror::new);
      try (Socket socket = plain(endpoint)) {
        socket.getOutputStream().write(clientHello());
        held.take();
        byte[] records = new byte[20_000_000];
        for (int at = 0; at + 5 < records.length; at += 5 + (16 << 10)) {
          System.arraycopy(new byte[] {23, 3, 3, 0x40, 0}, 0, records, at, 5);
        }
        var sent =
            CompletableFuture.runAsync(
                () -> assertThat(socket).satisfies(s -> s.getOutputStream().write(records)));
        assertThatThrownBy(() -> sent.get(500, TimeUnit.MILLISECONDS))
            .isInstanceOf(java.util.concurrent.TimeoutException.class);
        assertThat(narrow.count("held.connections")).isBetween(64_000L, 200_000L);
      }
    }
  }

  private static byte[] clientHello() throws SSLException {
    SSLEngine engine = CLIENT.createSSLEngine("localhost", 1);
    engine.setUseClientMode(true);
    var hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), hello);
    return Arrays.copyOf(hello.array(), hello.position());
  }

  @Test
  void manyMayComeAtOnce() throws Exception {
    TransportEndpoint endpoint = bind(Certificates.server());
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add(
          CompletableFuture.runAsync(
              () -> {
                try (SSLSocket socket = connect(endpoint, CLIENT)) {
                  echoes(socket);
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              }));
    }
    CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
    awaitCount("handshakes.completed", 100);
    awaitCount("connections.closed{reason=peer}", 100);
    awaitNothingHeld();
  }
}
