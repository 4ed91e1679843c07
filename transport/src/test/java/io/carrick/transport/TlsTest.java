package io.carrick.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Limit;
import io.carrick.Tls;
import io.netty.handler.ssl.OpenSsl;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What goes over TLS, and how it ends. */
class TlsTest extends OverTls {

  @ParameterizedTest
  @CsvSource({"TLSv1.2", "TLSv1.3"})
  void whatIsSentComesBackInEitherVersion(String version) throws Exception {
    byte[] data = new byte[3_000_000];
    new Random(1).nextBytes(data);
    TransportEndpoint endpoint = bind(Certificates.server());
    try (SSLSocket socket = connect(endpoint, CLIENT)) {
      socket.setEnabledProtocols(new String[] {version});
      socket.startHandshake();
      assertThat(socket.getSession().getProtocol()).isEqualTo(version);
      var sender =
          CompletableFuture.runAsync(
              () -> {
                try {
                  socket.getOutputStream().write(data);
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      byte[] back = new byte[data.length];
      new DataInputStream(socket.getInputStream()).readFully(back);
      assertThat(Arrays.equals(back, data)).isTrue();
      sender.join();
      time.settle();
      assertThat(context.count("bytes.written")).isEqualTo(data.length);
    }
    awaitCount("handshakes.completed", 1);
    awaitCount("connections.closed{reason=peer}", 1);
    assertThat(context.count("bytes.read")).isEqualTo(data.length);
    assertThat(context.count("held.connections")).isZero();
    assertThat(context.count("held.output")).isZero();
  }

  @Test
  void recordsMayComeInAnyParts() throws Exception {
    byte[] data = new byte[40_000];
    new Random(2).nextBytes(data);
    TransportEndpoint endpoint = bind(Certificates.server());
    for (int size : new int[] {1, 4, 6, 1_000, 20_000}) {
      try (var relay = new Relay(endpoint.address(), size);
          SSLSocket socket = over(relay.connect(), CLIENT)) {
        int length = size == 1 ? 300 : data.length;
        socket.getOutputStream().write(data, 0, length);
        byte[] back = new byte[length];
        new DataInputStream(socket.getInputStream()).readFully(back);
        assertThat(back).as("in parts of %d", size).isEqualTo(Arrays.copyOf(data, length));
      }
    }
  }

  static Stream<Tls> keys() {
    return Stream.of(
        Certificates.server(),
        Tls.pem(
            Certificates.file("server.crt"),
            Certificates.file("server-encrypted.key"),
            Certificates.PASSWORD),
        Tls.pem(Certificates.file("renewed.crt"), Certificates.file("renewed.key")),
        Tls.pkcs12(Certificates.file("server.p12"), Certificates.PASSWORD));
  }

  @ParameterizedTest
  @MethodSource("keys")
  void keysMayBeInFilesOfSeveralForms(Tls tls) throws Exception {
    assertThat(tls.toString()).doesNotContain(Certificates.PASSWORD);
    try (SSLSocket socket = connect(bind(tls), CLIENT)) {
      echoes(socket);
    }
  }

  @Test
  void onlyTheVersionsThatWereNamedAreSpoken() throws Exception {
    TransportEndpoint endpoint = bind(Certificates.server().versions(Tls.Version.TLS_1_3));
    try (SSLSocket old = connect(endpoint, CLIENT)) {
      old.setEnabledProtocols(new String[] {"TLSv1.2"});
      isRefused(old);
    }
    awaitCount("handshakes.failed{reason=nothing-in-common}", 1);
    try (SSLSocket socket = connect(endpoint, CLIENT)) {
      echoes(socket);
    }
  }

  // ---- client certificates

  @ParameterizedTest
  @CsvSource({"TLSv1.2", "TLSv1.3"})
  void aCertificateThatIsRequiredIsRequired(String version) throws Exception {
    TransportEndpoint endpoint =
        bind(Certificates.server().requireClientCertificates(Certificates.file("ca.crt")));
    for (SSLContext wrong : List.of(CLIENT, Certificates.client("ca.crt", "stranger.p12"))) {
      try (SSLSocket socket = connect(endpoint, wrong)) {
        socket.setEnabledProtocols(new String[] {version});
        isRefused(socket);
      }
    }
    awaitCount("handshakes.failed{reason=client-certificate}", 2);
    awaitCount("connections.closed{reason=handshake}", 2);
    handlers.clear();
    try (SSLSocket socket = connect(endpoint, Certificates.client("ca.crt", "client.p12"))) {
      socket.setEnabledProtocols(new String[] {version});
      echoes(socket);
      assertThat(handlers.remove().subjects).containsExactly("CN=device-7,O=Greenhouse");
    }
  }

  @Test
  void aCertificateThatIsAskedForMayBeMissingButNotWrong() throws Exception {
    TransportEndpoint endpoint =
        bind(Certificates.server().askForClientCertificates(Certificates.file("ca.crt")));
    try (SSLSocket socket = connect(endpoint, Certificates.client("ca.crt", "stranger.p12"))) {
      isRefused(socket);
    }
    awaitCount("handshakes.failed{reason=client-certificate}", 1);
    handlers.clear();
    try (SSLSocket socket = connect(endpoint, CLIENT)) {
      echoes(socket);
      assertThat(handlers.remove().subjects).isEmpty();
    }
    try (SSLSocket socket = connect(endpoint, Certificates.client("ca.crt", "client.p12"))) {
      echoes(socket);
      assertThat(handlers.remove().subjects).containsExactly("CN=device-7,O=Greenhouse");
    }
  }

  @Test
  void whoDoesNotTrustUsIsCountedAsThat() throws Exception {
    try (SSLSocket socket =
        connect(bind(Certificates.server()), Certificates.client("stranger-ca.crt"))) {
      assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLException.class);
    }
    awaitCount("handshakes.failed{reason=our-certificate}", 1);
  }

  // ---- the end

  @ParameterizedTest
  @CsvSource({"TLSv1.2", "TLSv1.3"})
  void ourEndIsSaidInTlsToo(String version) throws Exception {
    TransportEndpoint endpoint = bind(Certificates.server());
    for (boolean flushed : new boolean[] {true, false}) {
      Socket beneath = plain(endpoint);
      try (SSLSocket socket = over(beneath, CLIENT)) {
        socket.setEnabledProtocols(new String[] {version});
        echoes(socket);
        Connection connection = handlers.take().connection;
        connection.loop().execute(flushed ? connection::closeAfterFlush : () -> connection.close());
        // An alert of two bytes, which in 1.3 looks like any other record. RFC 8446 §5.2, §6.1
        byte[] last = beneath.getInputStream().readAllBytes();
        assertThat(last).startsWith(version.equals("TLSv1.2") ? 21 : 23, 3, 3).hasSizeLessThan(64);
      }
    }
    awaitCount("connections.closed{reason=local}", 2);
  }

  @Test
  void aSecondHandshakeOnAConnectionEndsIt() throws Exception {
    TransportEndpoint endpoint = bind(Certificates.server());
    try (SSLSocket socket = connect(endpoint, CLIENT)) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"}); // 1.3 has none
      echoes(socket);
      socket.startHandshake(); // says hello, and does not wait
      socket.setSoTimeout(10_000);
      assertThatThrownBy(
              () -> {
                if (socket.getInputStream().read() < 0) {
                  throw new SSLException("closed");
                }
              })
          .isNotInstanceOf(SocketTimeoutException.class)
          .isInstanceOf(IOException.class);
    }
    awaitCount("handshakes.completed", 1);
  }

  @Test
  void whoBringsOpenSslGetsIt() {
    assertThat(OpenSsl.isAvailable()).isEqualTo(Boolean.getBoolean("carrick.tls.openssl"));
  }

  /** OpenSSL answers the end of one direction with the end of both, as RFC 5246 §7.2.1 says. */
  @Test
  @DisabledIfSystemProperty(named = "carrick.tls.openssl", matches = "true")
  void thePeersEndIsHeardWithAndWithoutItsBeingSaid() throws Exception {
    TransportEndpoint endpoint = bind(Certificates.server());
    try (Socket beneath = plain(endpoint);
        SSLSocket socket = withoutBeneath(beneath)) {
      echoes(socket);
      socket.shutdownOutput(); // close_notify and nothing else
      assertThat(socket.getInputStream().read()).isEqualTo('!');
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
    Socket beneath = plain(endpoint);
    try (SSLSocket socket = over(beneath, CLIENT)) {
      echoes(socket);
      beneath.shutdownOutput();
      assertThat(socket.getInputStream().read()).isEqualTo('!');
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
    awaitCount("connections.closed{reason=peer}", 2);
  }

  /** A client whose end leaves the socket beneath as it is. */
  private static SSLSocket withoutBeneath(Socket beneath) throws IOException {
    return (SSLSocket)
        CLIENT.getSocketFactory().createSocket(beneath, "localhost", beneath.getPort(), false);
  }

  @Test
  void closingTheEndpointClosesWhoeverIsThere() throws Exception {
    TransportEndpoint endpoint = bind(Certificates.server());
    CompletableFuture<Void> closed;
    try (SSLSocket socket = connect(endpoint, CLIENT);
        Socket shaking = plain(endpoint)) {
      echoes(socket);
      awaitCount("connections.opened", 2);
      closed = endpoint.close().toCompletableFuture();
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
      assertThat(shaking.getInputStream().read()).isEqualTo(-1);
    }
    context.loops().await(closed);
    assertThat(context.count("connections.closed{reason=shutdown}")).isEqualTo(2);
    assertThat(context.count("held.connections")).isZero();
  }

  // ---- pressure

  @Test
  void aPauseHoldsBackWhatIsSentEncrypted() throws Exception {
    TransportEndpoint endpoint = bind(Certificates.server());
    byte[] data = new byte[20_000_000];
    try (SSLSocket socket = connect(endpoint, CLIENT)) {
      echoes(socket);
      Connection connection = handlers.take().connection;
      var paused = new CompletableFuture<Void>();
      connection
          .loop()
          .execute(
              () -> {
                connection.pauseReading();
                paused.complete(null);
              });
      context.loops().await(paused);
      var sent =
          CompletableFuture.runAsync(
              () -> assertThat(socket).satisfies(s -> s.getOutputStream().write(data)));
      assertThatThrownBy(() -> sent.get(300, TimeUnit.MILLISECONDS))
          .isInstanceOf(java.util.concurrent.TimeoutException.class);
      time.settle();
      assertThat(context.count("bytes.read")).isEqualTo(1);
      assertThat(context.count("held.connections")).isLessThan(100_000);
      connection.loop().execute(connection::resumeReading);
      byte[] back = new byte[data.length];
      new DataInputStream(socket.getInputStream()).readFully(back);
      sent.join();
      assertThat(context.count("bytes.read")).isEqualTo(1 + data.length);
    }
  }

  @Test
  void aPeerThatDoesNotReadStopsTheOutputAndStartsItAgain() throws Exception {
    TransportEndpoint endpoint = bind(Certificates.server());
    byte[] payload = new byte[16 << 20];
    try (SSLSocket socket = connect(endpoint, CLIENT)) {
      echoes(socket);
      Mirror handler = handlers.take();
      Connection connection = handler.connection;
      connection.loop().execute(() -> connection.output().payload(payload, 0, payload.length));
      assertThat(handler.events.poll(10, TimeUnit.SECONDS)).isEqualTo("not writable");
      time.settle();
      var inSocket = new CompletableFuture<Long>();
      connection.loop().execute(() -> inSocket.complete(connection.socket().pendingBytes()));
      assertThat(context.loops().await(inSocket)).isBetween(1L, 1L << 20);
      assertThat(context.count("held.output")).isBetween(1L << 20, payload.length + 10_000L);
      new DataInputStream(socket.getInputStream()).readFully(payload);
      assertThat(handler.events.poll(10, TimeUnit.SECONDS)).isEqualTo("writable");
      time.advance(Duration.ofSeconds(1));
      assertThat(context.count("held.output")).isZero();
      assertThat(context.count("bytes.written")).isEqualTo(1 + payload.length);
    }
  }

  @Test
  void aPeerThatTakesNoByteIsClosedWhenTheWriteTimeoutHasPassed() throws Exception {
    TransportEndpoint endpoint = bind(Certificates.server());
    byte[] payload = new byte[16 << 20];
    try (SSLSocket socket = connect(endpoint, CLIENT)) {
      echoes(socket);
      Mirror handler = handlers.take();
      Connection connection = handler.connection;
      connection.loop().execute(() -> connection.output().payload(payload, 0, payload.length));
      assertThat(handler.events.poll(10, TimeUnit.SECONDS)).isEqualTo("not writable");
      for (int i = 0; i < 100 && !connection.closed(); i++) {
        time.advance(Duration.ofMillis(Limit.WRITE_TIMEOUT_MS.byDefault()));
      }
      awaitCount("connections.closed{reason=write-timeout}", 1);
      assertThat(context.count("held.output")).isZero();
    }
  }
}
