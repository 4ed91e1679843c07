package io.carrick.mqtt;

import io.carrick.Message;
import io.carrick.spi.Admission;
import io.carrick.spi.Admission.Kind;
import io.carrick.spi.Admission.Verdict;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How a message goes to a client: the QoS that was granted to it, whether it has the retain flag,
 * and the subscriptions that it goes to. Immutable; without subscription identifiers six objects
 * serve all.
 */
final class DeliveryTag {

  /** How sessions decide: one object, so that a store can name it. */
  static final Admission ADMISSION = DeliveryTag::admit;

  private static final int[] NO_IDS = {};

  private static final DeliveryTag[] PLAIN = {
    plain(0, false),
    plain(0, true),
    plain(1, false),
    plain(1, true),
    plain(2, false),
    plain(2, true)
  };
  private static final Verdict[] VERDICTS =
      Arrays.stream(PLAIN).map(DeliveryTag::verdict).toArray(Verdict[]::new);

  /** How a message goes that its subscription does not want from its publisher: not at all. */
  static final DeliveryTag UNWANTED = plain(0, false);

  private final int qos;
  private final boolean retain;
  private final int[] subscriptionIds;

  private DeliveryTag(int qos, boolean retain, int[] subscriptionIds) {
    this.qos = qos;
    this.retain = retain;
    this.subscriptionIds = subscriptionIds;
  }

  private static DeliveryTag plain(int qos, boolean retain) {
    return new DeliveryTag(qos, retain, NO_IDS);
  }

  /** How a message goes of which nothing else is known: as its publisher asked. */
  static DeliveryTag of(Message message) {
    return of(message.properties().guarantee().qos(), false);
  }

  static DeliveryTag of(int qos, boolean retain) {
    return PLAIN[place(qos, retain)];
  }

  /**
   * Returns a tag that names subscriptions.
   *
   * @param ids kept: must not change; empty for none
   */
  static DeliveryTag of(int qos, boolean retain, int[] ids) {
    return ids.length == 0 ? of(qos, retain) : new DeliveryTag(qos, retain, ids);
  }

  /** How a retained message goes to a new subscription [MQTT-3.3.1-8]. */
  static DeliveryTag retained(int qos, int subscriptionId) {
    return of(qos, true, subscriptionId == 0 ? NO_IDS : new int[] {subscriptionId});
  }

  private static int place(int qos, boolean retain) {
    return qos * 2 + (retain ? 1 : 0);
  }

  /** Returns the same with another QoS. */
  DeliveryTag at(int otherQos) {
    return otherQos == qos ? this : of(otherQos, retain, subscriptionIds);
  }

  int qos() {
    return qos;
  }

  boolean retain() {
    return retain;
  }

  /** Returns the identifiers of the subscriptions that it goes to; not to be modified. */
  int[] subscriptionIds() {
    return subscriptionIds;
  }

  // ---- admission

  /**
   * Decides about a message for a session: one copy, at the highest QoS that its subscriptions
   * grant and its publisher asked for [MQTT-3.3.5-1] [MQTT-3.3.4-2], for all of them [MQTT-3.3.4-3]
   * (MAP-35). Those that do not want it from its publisher are not asked for anything else
   * [MQTT-3.8.3-3].
   *
   * @param attachments the options of each subscription that matched
   */
  private static Verdict admit(Message message, @Nullable Object[] attachments, int count) {
    int granted = -1;
    boolean retain = false;
    int ids = 0;
    for (int i = 0; i < count; i++) {
      SubscriptionOptions options = options(attachments[i]);
      if (options.wants(message)) {
        granted = Math.max(granted, options.qos());
        retain |= options.retainAsPublished();
        ids += options.id() == 0 ? 0 : 1;
      }
    }
    if (granted < 0) {
      return Verdict.DROP;
    }
    int qos = Math.min(granted, message.properties().guarantee().qos());
    boolean flag = retain && message.properties().retain(); // [MQTT-3.3.1-12] [MQTT-3.3.1-13]
    return ids == 0
        ? VERDICTS[place(qos, flag)]
        : verdict(new DeliveryTag(qos, flag, ids(message, attachments, count, ids)));
  }

  private static int[] ids(Message message, @Nullable Object[] attachments, int count, int ids) {
    var all = new int[ids];
    int next = 0;
    for (int i = 0; i < count; i++) {
      SubscriptionOptions options = options(attachments[i]);
      if (options.id() != 0 && options.wants(message)) {
        all[next++] = options.id();
      }
    }
    return all;
  }

  private static Verdict verdict(DeliveryTag tag) {
    return new Verdict(tag.qos == 0 ? Kind.TRANSIENT : Kind.ENQUEUE, tag);
  }

  private static SubscriptionOptions options(@Nullable Object attachment) {
    return attachment instanceof SubscriptionOptions known ? known : SubscriptionOptions.of(0);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof DeliveryTag o
        && qos == o.qos
        && retain == o.retain
        && Arrays.equals(subscriptionIds, o.subscriptionIds);
  }

  @Override
  public int hashCode() {
    return place(qos, retain) * 31 + Arrays.hashCode(subscriptionIds);
  }

  @Override
  public String toString() {
    return "DeliveryTag[" + qos + (retain ? ", retain, " : ", ") + subscriptionIds.length + " ids]";
  }
}
