package io.carrick.mqtt;

import io.carrick.Message;
import io.carrick.mqtt.codec.MqttPacket.Subscription;
import io.carrick.spi.Part;
import io.carrick.spi.Sharing.Share;

/**
 * How a client wants what one of its filters matches (MQTT 5 §3.8.3.1): the attachment of the
 * binding, or of the part in a queue. Immutable; those of QoS alone are three objects.
 *
 * @param qos the highest
 * @param retainAsPublished whether messages keep the retain flag with which they were published
 * @param id the subscription identifier, 0 without one
 * @param notFrom the client id whose own messages are not wanted (No Local), empty if all are
 */
record SubscriptionOptions(int qos, boolean retainAsPublished, int id, String notFrom)
    implements Part {

  private static final SubscriptionOptions[] PLAIN = {plain(0), plain(1), plain(2)};

  private static SubscriptionOptions plain(int qos) {
    return new SubscriptionOptions(qos, false, 0, "");
  }

  static SubscriptionOptions of(int qos) {
    return PLAIN[qos];
  }

  /**
   * What a client has asked for.
   *
   * @param granted the QoS that it gets
   * @param id of the SUBSCRIBE, 0 without one
   */
  static SubscriptionOptions of(Subscription asked, int granted, int id, String clientId) {
    return of(granted, asked.retainAsPublished(), id, asked.noLocal() ? clientId : "");
  }

  static SubscriptionOptions of(int qos, boolean retainAsPublished, int id, String notFrom) {
    boolean plain = !retainAsPublished && id == 0 && notFrom.isEmpty();
    return plain ? PLAIN[qos] : new SubscriptionOptions(qos, retainAsPublished, id, notFrom);
  }

  /** How a message comes from a queue that is the filter (MAP-38). */
  @Override
  public Share share(Message message) {
    return MqttSharing.SHARING.share(message, this);
  }

  /** Returns whether the subscription is for a message of that publisher. */
  boolean wants(Message message) {
    return notFrom.isEmpty() || !notFrom.equals(message.publisher().clientId());
  }
}
