package io.carrick.spi;

/**
 * What a client shows at login. Immutable; its text form never shows the password.
 *
 * @param user the name, empty for none
 * @param password the secret's bytes; not to be modified
 * @param clientId the MQTT client id, else empty
 * @param protocol the adapter's name, {@code "mqtt"}
 * @param remoteLoopback whether the peer is on this machine
 */
public record Credentials(
    String user, byte[] password, String clientId, String protocol, boolean remoteLoopback) {

  @Override
  public String toString() {
    return "Credentials[" + user + ", " + clientId + ", " + protocol + "]";
  }
}
