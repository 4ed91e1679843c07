package io.carrick.spi;

import io.carrick.Identity;
import java.util.Optional;

/** Tells who a client is. */
@FunctionalInterface
public interface Authenticator {

  /**
   * Checks credentials, when a client logs in and when it shows another secret while it is
   * connected, on a thread of the broker's that may block.
   *
   * @return who it is; empty if this authenticator does not let it in
   */
  Optional<Identity> authenticate(Credentials credentials);

  /**
   * Returns an authenticator for endpoints whose clients show certificates: it lets in whoever has
   * shown one, under its {@linkplain Credentials#certificateCommonName common name}, and nobody
   * else.
   */
  static Authenticator byCertificate() {
    return credentials -> credentials.certificateCommonName().map(Identity::ofUser);
  }

  /**
   * Returns an authenticator for endpoints whose clients show certificates: it lets in whoever has
   * shown one with an {@linkplain Credentials#certificateAlternativeNames alternative name} of a
   * kind, under the first of these, and nobody else.
   */
  static Authenticator byCertificate(AlternativeName kind) {
    return credentials ->
        credentials.certificateAlternativeNames(kind).stream().findFirst().map(Identity::ofUser);
  }

  /**
   * Returns whether its secrets run out, as tokens do, so that one that a client shows while it is
   * connected has to be right. What is shown of other secrets is taken unseen, as RabbitMQ does
   * with its own users: who is in stays in.
   */
  default boolean secretsExpire() {
    return true;
  }

  /** Returns an authenticator that asks {@code next} where this one does not let a client in. */
  default Authenticator or(Authenticator next) {
    Authenticator first = this;
    return new Authenticator() {
      @Override
      public Optional<Identity> authenticate(Credentials credentials) {
        return first.authenticate(credentials).or(() -> next.authenticate(credentials));
      }

      @Override
      public boolean secretsExpire() {
        return first.secretsExpire() || next.secretsExpire();
      }
    };
  }
}
