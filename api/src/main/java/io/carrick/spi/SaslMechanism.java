package io.carrick.spi;

import io.carrick.Identity;
import java.util.Optional;

/**
 * A way to log in that is a conversation (RFC 4422): the client shows something, is asked for more,
 * and so on. The builder takes more of them; adapters offer them to their clients by name.
 * Thread-safe.
 */
public interface SaslMechanism {

  /** Returns its registered name, such as {@code SCRAM-SHA-256}. */
  String name();

  /**
   * Begins a conversation.
   *
   * @param peer what is known of the client without a word of it: where it is, its certificates,
   *     its client id; it has no user and no password
   */
  Exchange begin(Credentials peer);

  /**
   * One conversation. Used by one thread at a time, of the broker's and not a loop, so it may
   * block.
   */
  @FunctionalInterface
  interface Exchange {

    /**
     * Takes what the client has sent. After an answer that ends the conversation it is not called
     * again.
     *
     * @param response as the mechanism says; not to be modified
     */
    Step respond(byte[] response);
  }

  /**
   * What follows. Immutable.
   *
   * @param bytes for the client, as the mechanism says; nothing if it is refused
   * @param identity who it is; empty while it has to say more, and if it is refused
   * @param more whether it has to say more
   */
  record Step(byte[] bytes, Optional<Identity> identity, boolean more) {

    /** The client has to answer this. */
    public static Step challenge(byte[] bytes) {
      return new Step(bytes, Optional.empty(), true);
    }

    /**
     * The client is let in.
     *
     * @param last what it is told with that, empty for nothing
     */
    public static Step accepted(Identity who, byte[] last) {
      return new Step(last, Optional.of(who), false);
    }

    /** The client is not let in, and not told why. */
    public static Step refused() {
      return new Step(new byte[0], Optional.empty(), false);
    }
  }

  /**
   * Returns {@code ANONYMOUS} (RFC 4505): lets everybody in as somebody. What a client says of
   * itself is not looked at.
   */
  static SaslMechanism anonymous(Identity everybody) {
    return new SaslMechanism() {
      @Override
      public String name() {
        return "ANONYMOUS";
      }

      @Override
      public Exchange begin(Credentials peer) {
        return response -> Step.accepted(everybody, new byte[0]);
      }
    };
  }
}
