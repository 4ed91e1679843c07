package io.carrick.engine.extension;

import io.carrick.Identity;
import io.carrick.spi.Credentials;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Who may log in where no authenticator was given, as users of Mosquitto and RabbitMQ expect on
 * their own machine: MQTT anybody, AMQP {@code guest} with the password {@code guest}; nobody from
 * another machine. Stateless.
 */
public final class LoopbackLogin {

  private static final byte[] GUEST = "guest".getBytes(StandardCharsets.UTF_8);

  private LoopbackLogin() {}

  public static Optional<Identity> authenticate(Credentials credentials) {
    if (!credentials.remoteLoopback()) {
      return Optional.empty();
    }
    boolean guest =
        credentials.user().equals("guest") && MessageDigest.isEqual(credentials.password(), GUEST);
    return guest || !credentials.protocol().equals("amqp")
        ? Optional.of(Identity.ofUser(credentials.user()))
        : Optional.empty();
  }
}
