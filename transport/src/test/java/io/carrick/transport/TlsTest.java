package io.carrick.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Endpoint;
import io.carrick.Limit;
import io.carrick.Tls;
import io.netty.buffer.ByteBuf;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Over sockets, with the JDK's client. */
@Timeout(60)
class TlsTest {

  private static final SSLContext CLIENT = Certificates.client("ca.crt");

  private final VirtualTime time = VirtualTime.overSockets(2);
  private final TestContext context = new TestContext(time.loops());
  private final BlockingQueue<Mirror> handlers = new LinkedBlockingQueue<>();

  @AfterEach
  void close() {
    context.close();
  }

  private TransportEndpoint bind(Tls tls) throws IOException {
    return context.bind(
        Endpoint.onAnyPort().tls(tls),
        connection -> {
          var handler = new Mirror(connection);
          handlers.add(handler);
          return handler;
        });
  }

  private static Socket plain(TransportEndpoint endpoint) throws IOException {
    InetSocketAddress address = endpoint.address();
    return new Socket(address.getAddress(), address.getPort());
  }

  private static SSLSocket over(Socket socket, SSLContext client) throws IOException {
    return (SSLSocket)
        client.getSocketFactory().createSocket(socket, "localhost", socket.getPort(), true);
  }

  private static SSLSocket connect(TransportEndpoint endpoint, SSLContext client)
      throws IOException {
    return over(plain(endpoint), client);
  }

  private static void echoes(SSLSocket socket) throws IOException {
    socket.getOutputStream().write(42);
    assertThat(socket.getInputStream().read()).isEqualTo(42);
  }

  /** The end of a handshake that the client may believe to have gone well. */
  private static void isRefused(SSLSocket socket) {
    assertThatThrownBy(
            () -> {
              socket.startHandshake();
              if (socket.getInputStream().read() < 0) { // TLS 1.3 tells it only now
                throw new SSLException("closed");
              }
            })
        .isInstanceOf(IOException.class);
  }

  private void awaitCount(String counter, long count) {
    while (context.count(counter) < count) {
      Thread.onSpinWait();
    }
    assertThat(context.count(counter)).isEqualTo(count);
  }

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
    copy("renewed.crt", folder.resolve("our.crt")); // and not its key
    assertThatThrownBy(endpoint::reloadCertificates)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("does not belong to the first certificate of " + folder);
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
    assertThat(context.count("held.connections")).isZero();
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
    assertThat(context.count("held.connections")).isZero();
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
    assertThat(context.count("held.connections")).isZero();
  }

  // ---- the end

  @ParameterizedTest
  @CsvSource({"TLSv1.2", "TLSv1.3"})
  void ourEndIsSaidInTlsToo(String version) throws Exception {
    TransportEndpoint endpoint = bind(Certificates.server());
    for (boolean flushed : new boolean[] {true, false}) {
      try (SSLSocket socket = connect(endpoint, CLIENT)) {
        socket.setEnabledProtocols(new String[] {version});
        echoes(socket);
        Connection connection = handlers.take().connection;
        connection.loop().execute(flushed ? connection::closeAfterFlush : () -> connection.close());
        assertThat(socket.getInputStream().read()).isEqualTo(-1); // without it: an exception
      }
    }
    awaitCount("connections.closed{reason=local}", 2);
  }

  @Test
  void thePeersEndIsHeardWithAndWithoutItsBeingSaid() throws Exception {
    TransportEndpoint endpoint = bind(Certificates.server());
    try (SSLSocket socket = connect(endpoint, CLIENT)) {
      echoes(socket);
      socket.shutdownOutput(); // close_notify
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

  /** Sends back what comes, and a mark when no more does. Confined to its connection's loop. */
  private static final class Mirror implements ConnectionHandler {

    final Connection connection;
    final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    volatile List<String> subjects = List.of();

    Mirror(Connection connection) {
      this.connection = connection;
    }

    @Override
    public void onRead(ByteBuf in) {
      connection.loggedIn();
      subjects =
          connection.peerCertificates().stream()
              .limit(1)
              .map(own -> own.getSubjectX500Principal().getName())
              .toList();
      byte[] bytes = new byte[in.readableBytes()];
      in.readBytes(bytes);
      connection.output().payload(bytes, 0, bytes.length);
    }

    @Override
    public boolean onInputEnd() {
      connection.output().reserve(1).writeByte('!');
      return false;
    }

    @Override
    public void onWritable(boolean writable) {
      events.add(writable ? "writable" : "not writable");
    }

    @Override
    public void onClosed() {}
  }
}
