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

  /** Powers of two: as many as there are for a few devices, and for very many. */
  private static final int FEW_SLOTS = 64;

  private static final int MOST_SLOTS = 8_192;

  /** Bits of a slot's number for the QoS. */
  private static final int QOS_BITS = 2;

  private @Nullable Known[] slots = new @Nullable Known[FEW_SLOTS];

  /** How many have had to make room for another since there are so many slots. */
  private int replaced;

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
    Known there = slots[slot(publisher, guarantee)];
    if (there == null || !there.is(publisher, guarantee)) {
      if (there != null) {
        makesRoom();
      }
      there = new Known(publisher, guarantee, make(properties, guarantee, publisher));
      slots[slot(publisher, guarantee)] = there;
    }
    return there.image;
  }

  private int slot(Identity publisher, Guarantee guarantee) {
    int number = (System.identityHashCode(publisher) << QOS_BITS) | guarantee.qos();
    return number & (slots.length - 1);
  }

  private void makesRoom() {
    replaced++;
    if (replaced < slots.length || slots.length == MOST_SLOTS) {
      return;
    }
    @Nullable Known[] before = slots;
    slots = new @Nullable Known[before.length * 2];
    replaced = 0;
    for (Known known : before) {
      if (known != null) {
        slots[slot(known.publisher, known.guarantee)] = known;
      }
    }
  }

  private static byte[] make(MessageProperties p, Guarantee guarantee, Identity publisher) {
    var headers = new LinkedHashMap<String, Object>();
    headers.putAll(guarantee == Guarantee.EXACTLY_ONCE ? Crossing.QOS_2 : Map.of());
    headers.putAll(Crossing.publisher(publisher));
    return PropertiesImage.of(p, headers);
  }
}
