package io.carrick;

import java.util.Set;

/**
 * Who acts. Immutable; made by the broker at login, so that a peer cannot claim another.
 *
 * @param user the authenticated name, empty if anonymous
 * @param clientId what the client calls itself: the MQTT client id, else empty
 * @param tags what kind of user it is, such as {@link #IMPERSONATOR}; usually empty
 */
public record Identity(String user, String clientId, Set<String> tags) {

  /** The tag of who may administer everything. */
  public static final String ADMINISTRATOR = "administrator";

  /** The tag of who may publish in the name of others (AMQP's {@code user-id}). */
  public static final String IMPERSONATOR = "impersonator";

  /** Nobody in particular. */
  public static final Identity ANONYMOUS = new Identity("", "");

  /** Copies the tags. */
  public Identity {
    tags = Set.copyOf(tags);
  }

  /** An identity without tags. */
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

  /** Returns the same with other tags. */
  public Identity withTags(Set<String> other) {
    return new Identity(user, clientId, other);
  }

  /** Returns whether it has a tag. */
  public boolean has(String tag) {
    return tags.contains(tag);
  }
}
