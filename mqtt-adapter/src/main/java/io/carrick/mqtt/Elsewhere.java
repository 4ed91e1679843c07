package io.carrick.mqtt;

import io.carrick.Referral;
import io.carrick.mqtt.codec.PacketProperties;
import io.carrick.mqtt.codec.Property;
import io.carrick.mqtt.codec.ReasonCode;

/**
 * What a client is told that is to go elsewhere (MQTT 5 §4.11). Immutable.
 *
 * @param reasonCode for CONNACK or DISCONNECT
 * @param properties with the server reference, if there is one
 */
record Elsewhere(int reasonCode, PacketProperties properties) {

  /** In place of being let in. */
  static Elsewhere inConnAck(Referral referral) {
    return of(referral, ReasonCode.SERVER_UNAVAILABLE);
  }

  /** At the end of a connection. */
  static Elsewhere inDisconnect(Referral referral) {
    return of(referral, ReasonCode.SERVER_SHUTTING_DOWN);
  }

  private static Elsewhere of(Referral referral, int otherwise) {
    return referral
        .server()
        .map(
            server ->
                new Elsewhere(
                    referral.forEver() ? ReasonCode.SERVER_MOVED : ReasonCode.USE_ANOTHER_SERVER,
                    PacketProperties.builder().text(Property.SERVER_REFERENCE, server).build()))
        .orElseGet(() -> new Elsewhere(otherwise, V5Writer.reason(referral.text())));
  }
}
