package io.carrick;

import java.util.Set;

/**
 * Who acts. Immutable; made by the broker at login, so that a peer cannot claim another.
 *
 * @param user the authenticated name, empty if anonymous
 * @param clientId what the client calls itself: the MQTT client id, else empty
 * @param tags what an authenticator says of the user beside the name, such as {@link #IMPERSONATOR}
 */
public record Identity(String user, String clientId, Set<String> tags) {

  /** The tag of who may publish in the name of other users (AMQP: {@code user_id}). */
  public static final String IMPERSONATOR = "impersonator";

  /** Nobody in particular. */
  public static final Identity ANONYMOUS = new Identity("", "");

  /** Copies the tags. */
  public Identity {
    tags = Set.copyOf(tags);
  }

  /** Makes one without tags. */
  public Identity(String user, String clientId) {
    this(user, clientId, Set.of());
  }

  /** An identity without a client id. */
  public static Identity ofUser(String user) {
    return new Identity(user, "");
  }

  /** Returns the same user under a client id. */
  public Identity withClientId(String id) {
    return new Identity(user, id, tags);
  }

  /** Returns the same user with other tags. */
  public Identity withTags(Set<String> others) {
    return new Identity(user, clientId, others);
  }
}
