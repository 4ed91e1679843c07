package io.carrick.mqtt;

import io.carrick.Guarantee;
import io.carrick.Message;
import io.carrick.spi.Sharing;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How messages come to a shared subscription, and from there to one of its members, as from any
 * queue that is subscribed to: all are queued, and go at the QoS that this member was granted and
 * their publisher asked for [MQTT-4.8.2-3]. Stateless; without a subscription identifier six values
 * serve all.
 */
final class MqttSharing implements Sharing {

  /** One object, so that a store can name it. */
  static final MqttSharing SHARING = new MqttSharing();

  private static final Verdict QUEUED = new Verdict(Kind.ENQUEUE, null);

  private static final Share[] PLAIN =
      Stream.of(0, 1, 2)
          .flatMap(qos -> Stream.of(false, true).map(retain -> DeliveryTag.of(qos, retain)))
          .map(MqttSharing::shared)
          .toArray(Share[]::new);

  private MqttSharing() {}

  private static Share shared(DeliveryTag tag) {
    return new Share(Guarantee.ofQos(tag.qos()), tag);
  }

  @Override
  public Verdict admit(Message message, @Nullable Object[] attachments, int count) {
    return QUEUED;
  }

  @Override
  public Share share(Message message, @Nullable Object attachment) {
    SubscriptionOptions options =
        attachment instanceof SubscriptionOptions known ? known : SubscriptionOptions.of(0);
    int qos = Math.min(options.qos(), message.properties().guarantee().qos());
    boolean retain = options.retainAsPublished() && message.properties().retain();
    return options.id() == 0
        ? PLAIN[qos * 2 + (retain ? 1 : 0)]
        : shared(DeliveryTag.of(qos, retain, new int[] {options.id()})); // [MQTT-3.3.4-3]
  }
}
