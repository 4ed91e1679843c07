package io.carrick.mqtt;

import io.carrick.Message;
import io.carrick.spi.Admission;
import io.carrick.spi.Admission.Kind;
import io.carrick.spi.Admission.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * How a message goes to a client: the QoS that was granted to it and whether it is a retained one.
 * Immutable; six objects serve all.
 */
record DeliveryTag(int qos, boolean retain) {

  /** How sessions decide: one object, so that a store can name it. */
  static final Admission ADMISSION = DeliveryTag::admit;

  private static final DeliveryTag[] LIVE = {
    new DeliveryTag(0, false), new DeliveryTag(1, false), new DeliveryTag(2, false),
  };
  private static final DeliveryTag[] RETAINED = {
    new DeliveryTag(0, true), new DeliveryTag(1, true), new DeliveryTag(2, true),
  };
  private static final Verdict[] VERDICTS = {
    new Verdict(Kind.TRANSIENT, LIVE[0]),
    new Verdict(Kind.ENQUEUE, LIVE[1]),
    new Verdict(Kind.ENQUEUE, LIVE[2]),
  };

  /** How a message goes of which nothing else is known: as its publisher asked. */
  static DeliveryTag of(Message message) {
    return LIVE[message.properties().guarantee().qos()];
  }

  static DeliveryTag retained(int qos) {
    return RETAINED[qos];
  }

  static DeliveryTag of(int qos, boolean retain) {
    return retain ? RETAINED[qos] : LIVE[qos];
  }

  /**
   * Decides about a message for a session: one copy, at the highest QoS that its subscriptions
   * grant and its publisher asked for [MQTT-3.3.5-1] (MAP-35).
   *
   * @param attachments the granted QoS of each subscription that matched
   */
  private static Verdict admit(Message message, @Nullable Object[] attachments, int count) {
    int granted = 0;
    for (int i = 0; i < count; i++) {
      if (attachments[i] instanceof Integer qos && qos > granted) {
        granted = qos;
      }
    }
    return VERDICTS[Math.min(granted, message.properties().guarantee().qos())];
  }
}
