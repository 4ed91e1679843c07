package io.carrick.mqtt.codec;

/** The versions of the protocol, by the level that CONNECT names. */
public enum MqttVersion {
  /** MQTT 3.1, protocol name {@code MQIsdp}. */
  V3_1(3, "MQTT 3.1"),
  /** MQTT 3.1.1. */
  V3_1_1(4, "MQTT 3.1.1"),
  /** MQTT 5.0. */
  V5(5, "MQTT 5.0");

  private final int level;
  private final String text;

  MqttVersion(int level, String text) {
    this.level = level;
    this.text = text;
  }

  /** Returns the protocol level on the wire. */
  public int level() {
    return level;
  }

  /** Returns the name for people. */
  @Override
  public String toString() {
    return text;
  }
}
