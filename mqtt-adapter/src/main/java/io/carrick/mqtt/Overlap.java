package io.carrick.mqtt;

/** How a message comes to a client of whose filters several match it (MQTT 5 §3.3.4, MAP-35). */
public enum Overlap {
  /** Once, at the highest QoS that was granted, with all subscription identifiers. */
  ONCE,
  /**
   * Once for each subscription, with its own QoS and identifier. Each is a queue of its own then,
   * which the session's bounds hold for, and keeps messages of QoS 0 as well while the client is
   * away.
   */
  PER_SUBSCRIPTION
}
