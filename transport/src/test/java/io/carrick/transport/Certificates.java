package io.carrick.transport;

import io.carrick.Tls;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509KeyManager;

/** The certificates in {@code src/test/resources}, made by the script there. Stateless. */
final class Certificates {

  static final String PASSWORD = "changeit";

  private static final Path FOLDER = Path.of("src/test/resources/certificates");

  private Certificates() {}

  static Path file(String name) {
    return FOLDER.resolve(name);
  }

  static Tls server() {
    return Tls.pem(file("server.crt"), file("server.key"));
  }

  /** A client that trusts our authority, or a stranger's, and shows nothing. */
  static SSLContext client(String trusted) {
    return client(trusted, "");
  }

  /** A client that shows what is in a PKCS #12 file. */
  static SSLContext client(String trusted, String own) {
    try {
      KeyStore authorities = KeyStore.getInstance("PKCS12");
      authorities.load(null, null);
      try (InputStream in = Files.newInputStream(file(trusted))) {
        authorities.setCertificateEntry(
            "authority", CertificateFactory.getInstance("X.509").generateCertificate(in));
      }
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(authorities);
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(keys(own), PASSWORD.toCharArray());
      SSLContext context = SSLContext.getInstance("TLS");
      KeyManager[] shown =
          own.isEmpty() ? null : new KeyManager[] {new Shown(keys.getKeyManagers())};
      context.init(shown, trust.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyStore keys(String own) throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    if (own.isEmpty()) {
      keys.load(null, null);
      return keys;
    }
    try (InputStream in = Files.newInputStream(file(own))) {
      keys.load(in, PASSWORD.toCharArray());
    }
    return keys;
  }

  /** Shows its certificate also to who would not trust it. Immutable. */
  private static final class Shown extends X509ExtendedKeyManager {

    private final X509KeyManager keys;

    Shown(KeyManager[] managers) {
      this.keys = (X509KeyManager) managers[0];
    }

    private String alias() {
      return Stream.of("RSA", "EC")
          .map(type -> keys.getClientAliases(type, null))
          .filter(Objects::nonNull)
          .findFirst()
          .orElseThrow()[0];
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
      return alias();
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
      return new String[] {alias()};
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return keys.getCertificateChain(alias);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return keys.getPrivateKey(alias);
    }

    @Override
    public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
      throw new IllegalStateException("only for clients");
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
      throw new IllegalStateException("only for clients");
    }
  }
}
