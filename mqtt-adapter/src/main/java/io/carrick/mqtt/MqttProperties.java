package io.carrick.mqtt;

import io.carrick.Guarantee;
import io.carrick.MessageProperties;

/**
 * All that a PUBLISH of MQTT 3 says about itself: QoS and RETAIN, so six objects serve every
 * message (MAP-10). Immutable.
 */
record MqttProperties(Guarantee guarantee, boolean retain) implements MessageProperties {

  private static final MqttProperties[] ALL = {
    new MqttProperties(Guarantee.AT_MOST_ONCE, false),
    new MqttProperties(Guarantee.AT_MOST_ONCE, true),
    new MqttProperties(Guarantee.AT_LEAST_ONCE, false),
    new MqttProperties(Guarantee.AT_LEAST_ONCE, true),
    new MqttProperties(Guarantee.EXACTLY_ONCE, false),
    new MqttProperties(Guarantee.EXACTLY_ONCE, true),
  };

  static MqttProperties of(int qos, boolean retain) {
    return ALL[qos * 2 + (retain ? 1 : 0)];
  }

  @Override
  public boolean persistent() {
    return guarantee != Guarantee.AT_MOST_ONCE;
  }
}
