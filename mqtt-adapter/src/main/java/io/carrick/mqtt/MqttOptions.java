package io.carrick.mqtt;

import io.carrick.mqtt.codec.ReasonCode;

/**
 * What clients get less of than MQTT has, or otherwise. Immutable.
 *
 * @param times how long things last at most
 * @param maximumQos the highest QoS, in both directions
 * @param retain whether messages are retained
 * @param emptyClientIds whether who gives no client id gets one
 * @param refusals what they hear when something is refused
 * @param overlap how a message comes that several of their filters match
 */
record MqttOptions(
    Times times,
    int maximumQos,
    boolean retain,
    boolean emptyClientIds,
    Refusals refusals,
    Overlap overlap) {

  /**
   * How long things last at most.
   *
   * @param keepAliveSeconds the longest keep-alive; 0 for whatever a client asks for
   * @param sessionExpiryMs how long a session outlives its connection; {@link Long#MAX_VALUE} for
   *     ever
   */
  record Times(int keepAliveSeconds, long sessionExpiryMs) {}

  static final int MOST_SECONDS = 0xFFFF;

  /** Everything. */
  static final MqttOptions DEFAULT =
      new MqttOptions(new Times(0, Long.MAX_VALUE), 2, true, true, Refusals.DEFAULT, Overlap.ONCE);

  /** Returns the keep-alive that a client is held to that asks for one; 0 for none. */
  int keepAlive(int askedSeconds) {
    int most = times.keepAliveSeconds;
    boolean less = askedSeconds > 0 && askedSeconds < most;
    return most == 0 || less ? askedSeconds : most;
  }

  /** Returns the QoS that a subscription gets that asks for one. */
  int granted(int askedQos) {
    return Math.min(askedQos, maximumQos);
  }

  /** Returns why clients may not publish so; success if they may. */
  int refusal(int qos, boolean retained) {
    if (qos > maximumQos) {
      return ReasonCode.QOS_NOT_SUPPORTED;
    }
    return retained && !retain ? ReasonCode.RETAIN_NOT_SUPPORTED : ReasonCode.SUCCESS;
  }

  /**
   * Returns the time that a session gets that is to outlive its connection for one, in
   * milliseconds.
   */
  long sessionExpiry(long askedMs) {
    return Math.min(askedMs, sessionExpiryMs());
  }

  /** Returns how long a session outlives its connection at most, in milliseconds. */
  long sessionExpiryMs() {
    return times.sessionExpiryMs;
  }

  MqttOptions refusals(Refusals others) {
    return new MqttOptions(times, maximumQos, retain, emptyClientIds, others, overlap);
  }

  MqttOptions overlap(Overlap other) {
    return new MqttOptions(times, maximumQos, retain, emptyClientIds, refusals, other);
  }

  private MqttOptions times(Times others) {
    return new MqttOptions(others, maximumQos, retain, emptyClientIds, refusals, overlap);
  }

  MqttOptions keepAliveSeconds(int most) {
    return times(new Times(most, times.sessionExpiryMs));
  }

  MqttOptions sessionExpiryMs(long most) {
    return times(new Times(times.keepAliveSeconds, most));
  }

  MqttOptions maximumQos(int most) {
    return new MqttOptions(times, most, retain, emptyClientIds, refusals, overlap);
  }

  MqttOptions retain(boolean available) {
    return new MqttOptions(times, maximumQos, available, emptyClientIds, refusals, overlap);
  }

  MqttOptions emptyClientIds(boolean allowed) {
    return new MqttOptions(times, maximumQos, retain, allowed, refusals, overlap);
  }
}
