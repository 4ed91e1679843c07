package io.carrick.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Tls;
import io.carrick.Tls.PemFiles;
import io.carrick.Tls.Pkcs12File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which certificate an endpoint shows, and which it does not start with. */
class CertificateChoiceTest extends OverTls {

  private static Tls both() {
    return Certificates.server()
        .also(new Pkcs12File(Certificates.file("other.p12"), Certificates.PASSWORD));
  }

  /** Asks for a host, empty for none, and returns whom the certificate names. */
  private static String shown(TransportEndpoint endpoint, String host, String version)
      throws IOException {
    // A client of its own: one that resumes a session asks for the host of that.
    try (SSLSocket socket = connect(endpoint, Certificates.client("ca.crt"))) {
      SSLParameters asked = socket.getSSLParameters();
      asked.setServerNames(host.isEmpty() ? List.of() : List.of(new SNIHostName(host)));
      socket.setSSLParameters(asked);
      socket.setEnabledProtocols(new String[] {version});
      echoes(socket);
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
          .getSubjectX500Principal()
          .getName();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void theHostThatAClientAsksForChooses(String version) throws Exception {
    TransportEndpoint endpoint = bind(both());
    assertThat(shown(endpoint, "broker.example", version)).isEqualTo("CN=other");
    assertThat(shown(endpoint, "BROKER.example", version)).isEqualTo("CN=other");
    assertThat(shown(endpoint, "a.devices.example", version)).isEqualTo("CN=other");
    assertThat(shown(endpoint, "a.b.devices.example", version)).isEqualTo("CN=localhost");
    assertThat(shown(endpoint, "stranger.example", version)).isEqualTo("CN=localhost");
    assertThat(shown(endpoint, "", version)).isEqualTo("CN=localhost");
    awaitCount("handshakes.completed", 6);
    awaitCount("connections.closed{reason=peer}", 6);
    awaitNothingHeld();
  }

  @ParameterizedTest
  @CsvSource({"1", "7", "100"})
  void whatAClientSaysFirstMayComeInParts(int size) throws Exception {
    TransportEndpoint endpoint = bind(both());
    try (var relay = new Relay(endpoint.address(), size);
        SSLSocket socket =
            (SSLSocket)
                CLIENT
                    .getSocketFactory()
                    .createSocket(relay.connect(), "broker.example", 1, true)) {
      echoes(socket);
      assertThat(socket.getSession().getPeerPrincipal().getName()).isEqualTo("CN=other");
    }
  }

  @Test
  void whoSaysSomethingElseIsClosedHereToo() throws Exception {
    TransportEndpoint endpoint = bind(both());
    for (String word : List.of("GET / HTTP/1.1\r\n\r\n", "\u0010\20\0\4MQTT\4\2")) {
      try (Socket wrong = plain(endpoint)) {
        wrong.getOutputStream().write(word.getBytes(StandardCharsets.US_ASCII));
        wrong.getInputStream().transferTo(OutputStream.nullOutputStream());
      }
    }
    awaitCount("handshakes.failed{reason=not-tls}", 2);
    plain(endpoint).close();
    awaitCount("handshakes.failed{reason=gone}", 1);
    awaitNothingHeld();
  }

  @Test
  void eachOfThemIsRenewed(@TempDir Path folder) throws Exception {
    Path keys = folder.resolve("other.p12");
    Files.copy(Certificates.file("other.p12"), keys);
    TransportEndpoint endpoint =
        bind(Certificates.server().also(new Pkcs12File(keys, Certificates.PASSWORD)));
    assertThat(shown(endpoint, "broker.example", "TLSv1.3")).isEqualTo("CN=other");
    Files.copy(Certificates.file("renewed.p12"), keys, StandardCopyOption.REPLACE_EXISTING);
    endpoint.reloadCertificates();
    assertThat(shown(endpoint, "broker.example", "TLSv1.3")).isEqualTo("CN=localhost");

    Files.delete(keys);
    assertThatThrownBy(endpoint::reloadCertificates)
        .isInstanceOf(IOException.class)
        .hasMessage("cannot use " + keys + ": no such file");
    assertThat(shown(endpoint, "localhost", "TLSv1.3")).isEqualTo("CN=localhost");
  }

  @Test
  void oneThatHasExpiredIsNotTaken() {
    Path expired = Certificates.file("expired.p12");
    assertThatThrownBy(() -> bind(Tls.pkcs12(expired, Certificates.PASSWORD)))
        .isInstanceOf(IOException.class)
        .hasMessageMatching(
            "cannot use .*expired\\.p12: its certificate has expired, on 20(20|21)-.*Z");
  }

  @Test
  void oneThatNamesNoHostCannotBeChosen() {
    var nameless =
        new PemFiles(Certificates.file("client.crt"), Certificates.file("client.key"), "");
    assertThatThrownBy(() -> bind(Certificates.server().also(nameless)))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("client.crt: its certificate names no host");
  }
}
