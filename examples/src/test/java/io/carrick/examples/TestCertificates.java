package io.carrick.examples;

import io.carrick.Tls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The certificates that the tests of transport use, and the JDK's TLS with them. Stateless. */
final class TestCertificates {

  static final String PASSWORD = "changeit";

  private TestCertificates() {}

  static Path file(String name) {
    return ProjectTree.root().resolve("transport/src/test/resources/certificates").resolve(name);
  }

  static Tls server() {
    return Tls.pem(file("server.crt"), file("server.key"));
  }

  /** A client that trusts our authority, and shows what is in a PKCS #12 file, if one is named. */
  static SSLContext client(String version, String own) throws Exception {
    KeyStore authorities = empty();
    try (InputStream in = Files.newInputStream(file("ca.crt"))) {
      authorities.setCertificateEntry(
          "authority", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(authorities);
    KeyStore keys = empty();
    if (!own.isEmpty()) {
      try (InputStream in = Files.newInputStream(file(own))) {
        keys.load(in, PASSWORD.toCharArray());
      }
    }
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance(version);
    context.init(managers.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  private static KeyStore empty() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }
}
