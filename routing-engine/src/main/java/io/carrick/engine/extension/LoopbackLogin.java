package io.carrick.engine.extension;

import io.carrick.Identity;
import io.carrick.spi.Authenticator;
import io.carrick.spi.Credentials;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Who may log in where no authenticator was given, as users of Mosquitto and RabbitMQ expect on
 * their own machine: MQTT anybody, AMQP {@code guest} with the password {@code guest}; from another
 * machine only who has shown a certificate that its endpoint trusts. Stateless.
 */
public final class LoopbackLogin {

  private static final byte[] GUEST = "guest".getBytes(StandardCharsets.UTF_8);

  private static final Authenticator CERTIFICATE = Authenticator.byCertificate();

  private LoopbackLogin() {}

  public static Optional<Identity> authenticate(Credentials credentials) {
    Optional<Identity> certified = CERTIFICATE.authenticate(credentials);
    if (certified.isPresent() || !credentials.remoteLoopback()) {
      return certified;
    }
    boolean guest =
        credentials.user().equals("guest") && MessageDigest.isEqual(credentials.password(), GUEST);
    return guest || !credentials.protocol().equals("amqp")
        ? Optional.of(Identity.ofUser(credentials.user()))
        : Optional.empty();
  }
}
