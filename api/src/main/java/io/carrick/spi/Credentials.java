package io.carrick.spi;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * What a client shows at login. Immutable; its text form never shows the password.
 *
 * @param user the name, empty for none
 * @param password the secret's bytes; not to be modified
 * @param clientId the MQTT client id, else empty
 * @param protocol the adapter's name, {@code "mqtt"}
 * @param remoteLoopback whether the peer is on this machine
 * @param certificates over TLS the certificate that the peer has proved to be its own, which the
 *     endpoint trusts; behind it what else the peer has sent, which proves nothing. Empty without
 */
public record Credentials(
    String user,
    byte[] password,
    String clientId,
    String protocol,
    boolean remoteLoopback,
    List<X509Certificate> certificates) {

  /** Copies the list. */
  public Credentials {
    certificates = List.copyOf(certificates);
  }

  /** Credentials without a certificate. */
  public Credentials(
      String user, byte[] password, String clientId, String protocol, boolean remoteLoopback) {
    this(user, password, clientId, protocol, remoteLoopback, List.of());
  }

  /**
   * Returns whom the peer's certificate names, as {@code CN=device-7,O=Greenhouse} (RFC 2253);
   * empty without a certificate.
   */
  public Optional<String> certificateSubject() {
    return certificates.stream().findFirst().map(own -> own.getSubjectX500Principal().getName());
  }

  /**
   * Returns the common name of whom the peer's certificate names, {@code device-7}; empty without a
   * certificate, and when there is no such name or more than one.
   */
  public Optional<String> certificateCommonName() {
    return certificateSubject().flatMap(DistinguishedName::commonName);
  }

  /**
   * Returns the alternative names of one kind in the peer's certificate, in its order; none without
   * a certificate.
   */
  public List<String> certificateAlternativeNames(AlternativeName kind) {
    return certificates.stream().findFirst().map(kind::in).orElse(List.of());
  }

  @Override
  public String toString() {
    return "Credentials[" + user + ", " + clientId + ", " + protocol + "]";
  }
}
