package io.carrick.mqtt;

import io.carrick.mqtt.codec.ReasonCode;

/**
 * What clients get less of than MQTT has. Immutable.
 *
 * @param keepAliveSeconds the longest keep-alive; 0 for whatever a client asks for
 * @param maximumQos the highest QoS, in both directions
 * @param retain whether messages are retained
 * @param emptyClientIds whether who gives no client id gets one
 * @param sessionExpiryMs how long a session outlives its connection at most; {@link Long#MAX_VALUE}
 *     for ever
 * @param refusals what they hear when something is refused
 */
record MqttOptions(
    int keepAliveSeconds,
    int maximumQos,
    boolean retain,
    boolean emptyClientIds,
    long sessionExpiryMs,
    Refusals refusals) {

  static final int MOST_SECONDS = 0xFFFF;

  /** Everything. */
  static final MqttOptions DEFAULT =
      new MqttOptions(0, 2, true, true, Long.MAX_VALUE, Refusals.DEFAULT);

  /** Returns the keep-alive that a client is held to that asks for one; 0 for none. */
  int keepAlive(int askedSeconds) {
    boolean less = askedSeconds > 0 && askedSeconds < keepAliveSeconds;
    return keepAliveSeconds == 0 || less ? askedSeconds : keepAliveSeconds;
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
    return Math.min(askedMs, sessionExpiryMs);
  }

  MqttOptions refusals(Refusals others) {
    return new MqttOptions(
        keepAliveSeconds, maximumQos, retain, emptyClientIds, sessionExpiryMs, others);
  }

  MqttOptions keepAliveSeconds(int most) {
    return new MqttOptions(most, maximumQos, retain, emptyClientIds, sessionExpiryMs, refusals);
  }

  MqttOptions maximumQos(int most) {
    return new MqttOptions(
        keepAliveSeconds, most, retain, emptyClientIds, sessionExpiryMs, refusals);
  }

  MqttOptions retain(boolean available) {
    return new MqttOptions(
        keepAliveSeconds, maximumQos, available, emptyClientIds, sessionExpiryMs, refusals);
  }

  MqttOptions emptyClientIds(boolean allowed) {
    return new MqttOptions(
        keepAliveSeconds, maximumQos, retain, allowed, sessionExpiryMs, refusals);
  }

  MqttOptions sessionExpiryMs(long most) {
    return new MqttOptions(keepAliveSeconds, maximumQos, retain, emptyClientIds, most, refusals);
  }
}
