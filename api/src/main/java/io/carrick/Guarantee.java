package io.carrick;

/** How hard the broker is asked to try. */
public enum Guarantee {
  /** Delivered once or not at all: MQTT QoS 0. */
  AT_MOST_ONCE,
  /** Delivered, perhaps more than once: MQTT QoS 1, AMQP acknowledgement. */
  AT_LEAST_ONCE,
  /** Delivered exactly once: MQTT QoS 2. */
  EXACTLY_ONCE;

  private static final Guarantee[] BY_QOS = values();

  /**
   * Returns the guarantee of an MQTT QoS.
   *
   * @throws ArrayIndexOutOfBoundsException unless 0, 1 or 2
   */
  public static Guarantee ofQos(int qos) {
    return BY_QOS[qos];
  }

  /** Returns the MQTT QoS. */
  public int qos() {
    return ordinal();
  }
}
