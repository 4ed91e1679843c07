package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Endpoint;
import io.carrick.Identity;
import io.carrick.Tls;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.spi.AlternativeName;
import io.carrick.spi.Authenticator;
import io.carrick.spi.Credentials;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What docs/tls.md shows. */
class TlsDocumentTest {

  private static final String folder =
      Documents.root().resolve("transport/src/test/resources/certificates").toString();

  @Test
  void certificatesAreInFiles() {
    // snippet
    Tls tls = Tls.pem(Path.of(folder, "server.crt"), Path.of(folder, "server.key"));
    Tls sameInOneFile = Tls.pkcs12(Path.of(folder, "server.p12"), "changeit");
    Tls forDevices = tls.requireClientCertificates(Path.of(folder, "ca.crt"));
    Tls latestOnly = tls.versions(Tls.Version.TLS_1_3);
    Tls twoHosts = tls.also(new Tls.Pkcs12File(Path.of(folder, "other.p12"), "changeit"));
    // end
    for (Tls each : List.of(sameInOneFile, forDevices, latestOnly, twoHosts)) {
      EmbeddedBroker.builder().adapter(Mqtt.on(Endpoint.onAnyPort().tls(each))).start().close();
    }
  }

  @Test
  void aCertificateIsALogin() throws Exception {
    Authenticator byPassword = credentials -> Optional.empty();
    // snippet
    Authenticator devices =
        credentials ->
            credentials
                .certificateCommonName()
                .filter(name -> name.startsWith("device-"))
                .map(Identity::ofUser);
    Authenticator either = devices.or(byPassword);
    Authenticator workloads = Authenticator.byCertificate(AlternativeName.URI);
    // end
    Credentials shown = credentials("client.crt");
    assertThat(shown.certificateSubject()).contains("CN=device-7,O=Greenhouse");
    assertThat(either.authenticate(shown)).contains(Identity.ofUser("device-7"));
    assertThat(Authenticator.byCertificate().authenticate(shown))
        .contains(Identity.ofUser("device-7"));
    var none = new Credentials("", new byte[0], "", "mqtt", true);
    assertThat(either.authenticate(none)).isEmpty();
    assertThat(Authenticator.byCertificate().authenticate(none)).isEmpty();

    Credentials named = credentials("named.crt");
    assertThat(named.certificateAlternativeNames(AlternativeName.DNS))
        .containsExactly("device-8.example");
    assertThat(named.certificateAlternativeNames(AlternativeName.EMAIL))
        .containsExactly("device-8@example.org");
    assertThat(workloads.authenticate(named))
        .contains(Identity.ofUser("spiffe://example.org/device-8"));
    assertThat(workloads.authenticate(shown)).isEmpty();
    assertThat(workloads.authenticate(none)).isEmpty();
  }

  private static Credentials credentials(String file) throws Exception {
    try (InputStream in = Files.newInputStream(Path.of(folder, file))) {
      var certificate =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
      return new Credentials("", new byte[0], "", "mqtt", false, List.of(certificate));
    }
  }
}
