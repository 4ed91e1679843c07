package io.carrick.mqtt;

import io.carrick.AccessRefusedException;
import io.carrick.Identity;
import io.carrick.mqtt.codec.ReasonCode;

/**
 * What becomes of a client that proves anew who it is (MQTT 5 §4.12.1); until then it is who it
 * was, and its messages go on. Immutable.
 *
 * @param authentication how it does so
 * @param client who it is
 */
record Reauthentication(Authentication authentication, ActiveSession client)
    implements Authentication.Outcome {

  @Override
  public void asked() {
    // Nothing has waited for it.
  }

  @Override
  public void accepted(Identity who, byte[] last) {
    try {
      client.port.reauthenticated(who);
    } catch (AccessRefusedException refused) {
      close(); // a session belongs to its user
      return;
    }
    if (!authentication.write(ReasonCode.SUCCESS, last)) {
      close();
    }
  }

  @Override
  public void refused() {
    close();
  }

  private void close() {
    client.owner.close(ReasonCode.NOT_AUTHORIZED, "not authenticated again"); // [MQTT-4.12.1-2]
  }
}
