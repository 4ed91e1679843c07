package io.carrick.spi;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;

/** A kind of names that a certificate may have beside its subject (RFC 5280 §4.2.1.6). */
public enum AlternativeName {
  /** A mail address, {@code device-7@example.org}. */
  EMAIL(1),
  /** A host, {@code device-7.example.org}. */
  DNS(2),
  /** A URI, {@code spiffe://example.org/device-7}. */
  URI(6);

  /** As RFC 5280 counts them. */
  private final int number;

  AlternativeName(int number) {
    this.number = number;
  }

  /** Returns the names of this kind, in the certificate's order; none if they cannot be read. */
  public List<String> in(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null
          ? List.of()
          : names.stream()
              .filter(name -> name.get(0).equals(number))
              .map(name -> (String) name.get(1))
              .toList();
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }
}
