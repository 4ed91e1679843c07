package io.carrick;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How an endpoint speaks TLS: with which certificate, in which versions, and whether its clients
 * show certificates. Immutable; each method that names something returns a copy. The files are read
 * when the broker starts and again when they have changed ({@link Broker#reloadCertificates}).
 */
public final class Tls {

  private final Keys keys;
  private final List<Keys> more;
  private final ClientCertificates clientCertificates;
  private final Optional<Path> trusted;
  private final List<Version> versions;

  private Tls(
      Keys keys,
      List<Keys> more,
      ClientCertificates clientCertificates,
      Optional<Path> trusted,
      List<Version> versions) {
    this.keys = keys;
    this.more = List.copyOf(more);
    this.clientCertificates = clientCertificates;
    this.trusted = trusted;
    this.versions = List.copyOf(versions);
  }

  /**
   * TLS with PEM files.
   *
   * @param certificates the endpoint's certificate, then those of whoever signed it
   * @param key its private key in PKCS #8 form, not encrypted
   */
  public static Tls pem(Path certificates, Path key) {
    return pem(certificates, key, "");
  }

  /**
   * TLS with PEM files, the key's encrypted.
   *
   * @param certificates the endpoint's certificate, then those of whoever signed it
   * @param key its private key in PKCS #8 form
   * @param keyPassword what it is encrypted with; empty if it is not
   */
  public static Tls pem(Path certificates, Path key, String keyPassword) {
    return of(new PemFiles(certificates, key, keyPassword));
  }

  /**
   * TLS with a PKCS #12 file ({@code .p12}, {@code .pfx}).
   *
   * @param file with one private key and its certificates
   * @param password of the file and the key
   */
  public static Tls pkcs12(Path file, String password) {
    return of(new Pkcs12File(file, password));
  }

  private static Tls of(Keys keys) {
    return new Tls(
        keys,
        List.of(),
        ClientCertificates.NONE,
        Optional.empty(),
        List.of(Version.TLS_1_3, Version.TLS_1_2));
  }

  /**
   * Returns the same with another certificate beside, for clients that ask for a host which that
   * one is for by its alternative names, of which {@code *.example.org} stands for all hosts
   * directly below (RFC 6066 §3, RFC 6125 §6.4.3). Whoever asks for another host or for none meets
   * the first one.
   *
   * @param keys where it is
   */
  public Tls also(Keys keys) {
    List<Keys> all = Stream.concat(more.stream(), Stream.of(keys)).toList();
    return new Tls(this.keys, all, clientCertificates, trusted, versions);
  }

  /**
   * Returns the same for clients that may show a certificate: one that is not trusted is refused,
   * none is allowed.
   *
   * @param trustedCertificates PEM file of the certificates that clients' are signed with
   */
  public Tls askForClientCertificates(Path trustedCertificates) {
    return new Tls(
        keys, more, ClientCertificates.OPTIONAL, Optional.of(trustedCertificates), versions);
  }

  /**
   * Returns the same for clients that must show a certificate.
   *
   * @param trustedCertificates PEM file of the certificates that clients' are signed with
   */
  public Tls requireClientCertificates(Path trustedCertificates) {
    return new Tls(
        keys, more, ClientCertificates.REQUIRED, Optional.of(trustedCertificates), versions);
  }

  /** Returns the same in these versions only, instead of 1.3 and 1.2. */
  public Tls versions(Version first, Version... more) {
    return new Tls(
        keys,
        this.more,
        clientCertificates,
        trusted,
        Stream.concat(Stream.of(first), Stream.of(more)).distinct().toList());
  }

  /** Returns where the endpoint's own key and certificates are. */
  public Keys keys() {
    return keys;
  }

  /** Returns where those are that are for clients that ask for other hosts. */
  public List<Keys> more() {
    return more;
  }

  /** Returns whether clients show certificates. */
  public ClientCertificates clientCertificates() {
    return clientCertificates;
  }

  /** Returns the file of the certificates that clients' are signed with, if they show any. */
  public Optional<Path> trusted() {
    return trusted;
  }

  /** Returns the versions that are spoken, at least one. */
  public List<Version> versions() {
    return versions;
  }

  @Override
  public String toString() {
    return "Tls[" + keys + ", client certificates " + clientCertificates + "]";
  }

  /** Whether clients show certificates. */
  public enum ClientCertificates {
    /** They are not asked. */
    NONE,
    /** They are asked, and may have none. */
    OPTIONAL,
    /** Who has none is not let in. */
    REQUIRED
  }

  /** A version of TLS. Older ones are broken, and not spoken. */
  public enum Version {
    /** RFC 5246. */
    TLS_1_2("TLSv1.2"),
    /** RFC 8446. */
    TLS_1_3("TLSv1.3");

    private final String text;

    Version(String text) {
      this.text = text;
    }

    /** Returns its name as Java writes it. */
    public String text() {
      return text;
    }
  }

  /** Where an endpoint's own key and certificates are. */
  public sealed interface Keys permits PemFiles, Pkcs12File {

    /** Returns the files, each of which may be replaced while the broker runs. */
    List<Path> files();
  }

  /**
   * Two PEM files. Immutable; its text form does not show the password.
   *
   * @param certificates the endpoint's certificate, then those of whoever signed it
   * @param key its private key in PKCS #8 form
   * @param keyPassword what it is encrypted with; empty if it is not
   */
  public record PemFiles(Path certificates, Path key, String keyPassword) implements Keys {

    @Override
    public List<Path> files() {
      return List.of(certificates, key);
    }

    @Override
    public String toString() {
      return "PemFiles[" + certificates + ", " + key + "]";
    }
  }

  /**
   * A PKCS #12 file. Immutable; its text form does not show the password.
   *
   * @param file with one private key and its certificates
   * @param password of the file and the key
   */
  public record Pkcs12File(Path file, String password) implements Keys {

    @Override
    public List<Path> files() {
      return List.of(file);
    }

    @Override
    public String toString() {
      return "Pkcs12File[" + file + "]";
    }
  }
}
