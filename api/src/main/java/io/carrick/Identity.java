package io.carrick;

/**
 * Who acts. Immutable; made by the broker at login, so that a peer cannot claim another.
 *
 * @param user the authenticated name, empty if anonymous
 * @param clientId what the client calls itself: the MQTT client id, else empty
 */
public record Identity(String user, String clientId) {

  /** Nobody in particular. */
  public static final Identity ANONYMOUS = new Identity("", "");

  /** An identity without a client id. */
  public static Identity ofUser(String user) {
    return new Identity(user, "");
  }

  /** Returns the same user under a client id. */
  public Identity withClientId(String id) {
    return new Identity(user, id);
  }
}
