package io.carrick.mqtt;

import io.carrick.Refusal;
import io.carrick.mqtt.codec.ReasonCode;

/**
 * What clients hear when something is refused. Immutable.
 *
 * @param reasons whether clients of MQTT 5 are told that it is their permission
 * @param publishes what becomes of a client of MQTT 3 whose message all queues refuse
 */
record Refusals(boolean reasons, RefusedPublish publishes) {

  static final Refusals DEFAULT = new Refusals(true, RefusedPublish.CLOSE_CONNECTION);

  /** Returns what says that a client may not do what it asks for. */
  int notAllowed() {
    return reasons ? ReasonCode.NOT_AUTHORIZED : ReasonCode.UNSPECIFIED;
  }

  /**
   * Returns whether a client of MQTT 3 hears of a refusal what it would hear of success. What the
   * broker itself cannot take at present it may take when the client comes again.
   */
  boolean acknowledges(Refusal reason) {
    return publishes == RefusedPublish.POSITIVE_ACK && reason == Refusal.LIMIT;
  }

  Refusals reasons(boolean told) {
    return new Refusals(told, publishes);
  }

  Refusals publishes(RefusedPublish how) {
    return new Refusals(reasons, how);
  }
}
