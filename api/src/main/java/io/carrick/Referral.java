package io.carrick;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Where clients of a broker that {@linkplain Broker#drain(java.time.Duration, Referral) drains} are
 * sent. Immutable.
 *
 * @param server where else to connect, in whatever words the clients understand, usually {@code
 *     host:port} or several of them with spaces between; empty if nothing is said of it
 * @param forEver whether to go there from now on, or only this time
 */
public record Referral(Optional<String> server, boolean forEver) {

  private static final Referral NOWHERE = new Referral(Optional.empty(), false);
  private static final int MOST_BYTES = 65_535;

  /**
   * Checks the name.
   *
   * @throws IllegalArgumentException if it is empty, longer than MQTT can say, or has control
   *     characters
   */
  public Referral {
    if (server.isPresent()) {
      String name = server.get();
      if (name.isEmpty()
          || name.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES
          || name.chars().anyMatch(Character::isISOControl)) {
        throw new IllegalArgumentException("not the name of a server");
      }
    } else if (forEver) {
      throw new IllegalArgumentException("for ever, but where to?");
    }
  }

  /** Nothing is said of another server. */
  public static Referral nowhere() {
    return NOWHERE;
  }

  /** Clients use another server this time (MQTT 5: 0x9C). */
  public static Referral to(String server) {
    return new Referral(Optional.of(server), false);
  }

  /** Clients use another server from now on (MQTT 5: 0x9D). */
  public static Referral forEverTo(String server) {
    return new Referral(Optional.of(server), true);
  }

  /** Says it to people. */
  public String text() {
    return server
        .map(name -> forEver ? "the server has moved to " + name : "use another server: " + name)
        .orElse("the server lets its clients go");
  }
}
