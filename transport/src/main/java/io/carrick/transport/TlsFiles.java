package io.carrick.transport;

import io.carrick.Tls;
import io.carrick.Tls.ClientCertificates;
import io.carrick.Tls.Keys;
import io.carrick.Tls.PemFiles;
import io.carrick.Tls.Pkcs12File;
import io.carrick.spi.AlternativeName;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.DomainWildcardMappingBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Makes of files what handshakes need. Blocks. Stateless. */
final class TlsFiles {

  /** OpenSSL or a relative of it where the user has added netty-tcnative, else the JDK. */
  private static final SslProvider PROVIDER =
      OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;

  private TlsFiles() {}

  /** A key with its certificate, then those of whoever signed it. */
  private record Own(PrivateKey key, List<X509Certificate> certificates) {

    List<String> hosts() {
      return AlternativeName.DNS.in(certificates.get(0));
    }
  }

  /**
   * Reads everything.
   *
   * @param wallTimeMs when certificates have to be good
   * @throws IOException when something is missing or does not fit, with a message fit for a user
   */
  static TlsContexts read(Tls tls, long wallTimeMs) throws IOException {
    Own first = own(tls.keys(), wallTimeMs);
    SslContext general = context(tls, first);
    if (tls.more().isEmpty()) {
      return new TlsContexts(general, null);
    }
    var byHost = new DomainWildcardMappingBuilder<>(general);
    List<Keys> last = new ArrayList<>(tls.more());
    Collections.reverse(last); // the first to name a host has it
    for (Keys keys : last) {
      Own own = own(keys, wallTimeMs);
      SslContext context = context(tls, own);
      List<String> hosts = own.hosts();
      if (hosts.isEmpty()) {
        throw new IOException(
            "cannot use " + keys.files().get(0) + ": its certificate names no host");
      }
      add(byHost, hosts, context, keys);
    }
    add(byHost, first.hosts(), general, tls.keys());
    return new TlsContexts(general, byHost.build());
  }

  private static void add(
      DomainWildcardMappingBuilder<SslContext> byHost,
      List<String> hosts,
      SslContext context,
      Keys keys)
      throws IOException {
    for (String host : hosts) {
      try {
        byHost.add(host, context);
      } catch (IllegalArgumentException e) {
        throw new IOException(
            "cannot use " + keys.files().get(0) + ": its certificate names host '" + host + "'", e);
      }
    }
  }

  private static SslContext context(Tls tls, Own own) throws IOException {
    try {
      SslContextBuilder builder =
          SslContextBuilder.forServer(own.key, own.certificates.toArray(X509Certificate[]::new))
              .sslProvider(PROVIDER)
              .protocols(tls.versions().stream().map(Tls.Version::text).toList())
              .clientAuth(asked(tls.clientCertificates()));
      if (tls.trusted().isPresent()) {
        builder.trustManager(certificates(tls.trusted().get()));
      }
      if (PROVIDER == SslProvider.OPENSSL) {
        builder.option(OpenSslContextOption.USE_TASKS, true); // for workers, as the JDK's are
      }
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw unusable("TLS", "" + e.getMessage(), e);
    }
  }

  private static ClientAuth asked(ClientCertificates mode) {
    return switch (mode) {
      case NONE -> ClientAuth.NONE;
      case OPTIONAL -> ClientAuth.OPTIONAL;
      case REQUIRED -> ClientAuth.REQUIRE;
    };
  }

  private static Own own(Keys keys, long wallTimeMs) throws IOException {
    Own own;
    if (keys instanceof PemFiles pem) {
      own =
          new Own(
              PemKey.read(pem.key(), pem.keyPassword().toCharArray()),
              certificates(pem.certificates()));
    } else {
      own = own((Pkcs12File) keys);
    }
    if (!KeyMatch.fits(own.key, own.certificates.get(0).getPublicKey())) {
      // As it is for a moment when one of the two was renewed.
      throw new IOException(
          "the private key does not belong to the first certificate of " + keys.files().get(0));
    }
    Instant end = own.certificates.get(0).getNotAfter().toInstant();
    if (end.isBefore(Instant.ofEpochMilli(wallTimeMs))) {
      throw new IOException(
          "cannot use " + keys.files().get(0) + ": its certificate has expired, on " + end);
    }
    return own;
  }

  private static Own own(Pkcs12File file) throws IOException {
    char[] password = file.password().toCharArray();
    InputStream in = new ByteArrayInputStream(bytes(file.file()));
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(in, password);
      for (String alias : Collections.list(store.aliases())) {
        Key key = store.isKeyEntry(alias) ? store.getKey(alias, password) : null;
        Certificate[] chain = store.getCertificateChain(alias);
        if (key instanceof PrivateKey ours && chain != null && chain.length > 0) {
          return new Own(ours, x509(List.of(chain)));
        }
      }
    } catch (IOException | GeneralSecurityException e) {
      throw unusable(file.file(), "wrong password, or no PKCS #12 file", e);
    }
    throw new IOException("cannot use " + file.file() + ": there is no private key in it");
  }

  /** Reads all certificates of a PEM file, at least one. */
  private static List<X509Certificate> certificates(Path file) throws IOException {
    InputStream in = new ByteArrayInputStream(bytes(file));
    List<X509Certificate> read;
    try {
      read = x509(List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(in)));
    } catch (GeneralSecurityException e) {
      throw unusable(file, "no certificates in PEM form", e);
    }
    if (read.isEmpty()) {
      throw new IOException("cannot use " + file + ": no certificates in PEM form");
    }
    return read;
  }

  private static List<X509Certificate> x509(List<? extends Certificate> certificates) {
    return certificates.stream().map(X509Certificate.class::cast).toList();
  }

  static byte[] bytes(Path file) throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw unusable(file, "no such file", e);
    } catch (IOException e) {
      throw unusable(file, "it cannot be read", e);
    }
  }

  static IOException unusable(Object what, String why, Exception cause) {
    return new IOException("cannot use " + what + ": " + why, cause);
  }
}
