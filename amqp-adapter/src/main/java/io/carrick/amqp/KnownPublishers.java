package io.carrick.amqp;

import io.carrick.Guarantee;
import io.carrick.Identity;
import io.carrick.MessageProperties;
import io.carrick.amqp.codec.PropertiesImage;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What messages of the same devices look like that say nothing but who has published them and with
 * which QoS: made once for each, not for each message (MAP-28). Confined to the event loop of its
 * connection.
 */
final class KnownPublishers {

  /** A power of two. */
  private static final int SLOTS = 256;

  /** Bits of a slot's number for the QoS. */
  private static final int QOS_BITS = 2;

  private final @Nullable Known[] slots = new @Nullable Known[SLOTS];

  /** An image. Immutable. */
  private record Known(Identity publisher, Guarantee guarantee, byte[] image) {

    boolean is(Identity who, Guarantee how) {
      return publisher == who && guarantee == how;
    }
  }

  /**
   * Returns the properties of a message of a device.
   *
   * @param properties that say nothing else; those of MQTT are persistent by their QoS
   * @return not to be modified
   */
  byte[] image(MessageProperties properties, Identity publisher) {
    Guarantee guarantee = properties.guarantee();
    boolean byQos = properties.persistent() == (guarantee != Guarantee.AT_MOST_ONCE);
    if (!byQos) {
      return make(properties, guarantee, publisher);
    }
    int slot = (System.identityHashCode(publisher) << QOS_BITS | guarantee.qos()) & (SLOTS - 1);
    Known there = slots[slot];
    if (there == null || !there.is(publisher, guarantee)) {
      there = new Known(publisher, guarantee, make(properties, guarantee, publisher));
      slots[slot] = there;
    }
    return there.image;
  }

  private static byte[] make(MessageProperties p, Guarantee guarantee, Identity publisher) {
    var headers = new LinkedHashMap<String, Object>();
    headers.putAll(guarantee == Guarantee.EXACTLY_ONCE ? Crossing.QOS_2 : Map.of());
    headers.putAll(Crossing.publisher(publisher));
    return PropertiesImage.of(p, headers);
  }
}
