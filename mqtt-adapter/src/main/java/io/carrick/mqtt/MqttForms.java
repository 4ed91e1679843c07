package io.carrick.mqtt;

import io.carrick.mqtt.codec.PacketProperties;
import io.carrick.spi.ObjectCodec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What a store keeps of MQTT's objects: a byte that says what it is, and what it consists of.
 * Stateless.
 */
final class MqttForms implements ObjectCodec {

  private static final byte ADMISSION = 1;
  private static final byte PROPERTIES = 2;
  private static final byte TAG = 3;
  private static final byte SUBSCRIPTION = 4;
  private static final byte SHARING = 5;
  private static final byte OWN_SHARING = 6;

  /** What it is, QoS and a flag. */
  private static final int HEAD = 3;

  @Override
  public boolean knows(Object object) {
    return object instanceof MqttProperties
        || object instanceof DeliveryTag
        || object instanceof SubscriptionOptions
        || object.equals(DeliveryTag.ADMISSION)
        || object.equals(MqttSharing.SHARING)
        || object.equals(OwnSharing.SHARING);
  }

  @Override
  public byte[] encode(Object object) {
    if (object instanceof MqttProperties p) {
      byte[] packet = p.packet().bytes();
      ByteBuffer form = ByteBuffer.allocate(HEAD + packet.length);
      putHead(form, PROPERTIES, p.guarantee().qos(), p.retain());
      return form.put(packet).array();
    } else if (object instanceof DeliveryTag t) {
      int[] ids = t.subscriptionIds();
      ByteBuffer form = ByteBuffer.allocate(HEAD + ids.length * Integer.BYTES);
      putHead(form, TAG, t.qos(), t.retain());
      form.asIntBuffer().put(ids);
      return form.array();
    } else if (object instanceof SubscriptionOptions o) {
      byte[] notFrom = o.notFrom().getBytes(StandardCharsets.UTF_8);
      ByteBuffer form = ByteBuffer.allocate(HEAD + Integer.BYTES + notFrom.length);
      putHead(form, SUBSCRIPTION, o.qos(), o.retainAsPublished());
      return form.putInt(o.id()).put(notFrom).array();
    }
    if (object.equals(OwnSharing.SHARING)) {
      return new byte[] {OWN_SHARING};
    }
    return new byte[] {object.equals(MqttSharing.SHARING) ? SHARING : ADMISSION};
  }

  private static void putHead(ByteBuffer form, byte what, int qos, boolean flag) {
    form.put(what).put((byte) qos).put((byte) (flag ? 1 : 0));
  }

  @Override
  public Object decode(byte[] bytes) {
    if (bytes.length == 1 && bytes[0] == ADMISSION) {
      return DeliveryTag.ADMISSION;
    }
    if (bytes.length == 1 && bytes[0] == OWN_SHARING) {
      return OwnSharing.SHARING;
    }
    if (bytes.length == 1 && bytes[0] == SHARING) {
      return MqttSharing.SHARING;
    }
    if (bytes.length >= HEAD && bytes[1] >= 0 && bytes[1] <= 2) {
      int qos = bytes[1];
      boolean flag = bytes[2] != 0;
      ByteBuffer more = ByteBuffer.wrap(bytes, HEAD, bytes.length - HEAD).slice();
      switch (bytes[0]) {
        case PROPERTIES -> {
          return MqttProperties.of(qos, flag, PacketProperties.of(rest(more)));
        }
        case TAG -> {
          var ids = new int[more.remaining() / Integer.BYTES];
          more.asIntBuffer().get(ids);
          return DeliveryTag.of(qos, flag, ids);
        }
        case SUBSCRIPTION -> {
          if (more.remaining() >= Integer.BYTES) {
            int id = more.getInt();
            return SubscriptionOptions.of(
                qos, flag, id, new String(rest(more), StandardCharsets.UTF_8));
          }
        }
        default -> {
          // refused below
        }
      }
    }
    throw new IllegalArgumentException("not a form of MQTT that this version knows");
  }

  private static byte[] rest(ByteBuffer form) {
    var bytes = new byte[form.remaining()];
    form.get(bytes);
    return bytes;
  }
}
