package io.carrick.mqtt;

import io.carrick.spi.ObjectCodec;

/**
 * What a store keeps of MQTT's objects: a byte that says what it is, and what it consists of.
 * Stateless.
 */
final class MqttForms implements ObjectCodec {

  private static final byte ADMISSION = 1;
  private static final byte PROPERTIES = 2;
  private static final byte TAG = 3;

  @Override
  public boolean knows(Object object) {
    return object instanceof MqttProperties
        || object instanceof DeliveryTag
        || object.equals(DeliveryTag.ADMISSION);
  }

  @Override
  public byte[] encode(Object object) {
    if (object instanceof MqttProperties p) {
      return new byte[] {PROPERTIES, (byte) p.guarantee().qos(), flag(p.retain())};
    } else if (object instanceof DeliveryTag t) {
      return new byte[] {TAG, (byte) t.qos(), flag(t.retain())};
    }
    return new byte[] {ADMISSION};
  }

  private static byte flag(boolean value) {
    return (byte) (value ? 1 : 0);
  }

  @Override
  public Object decode(byte[] bytes) {
    if (bytes.length == 1 && bytes[0] == ADMISSION) {
      return DeliveryTag.ADMISSION;
    }
    if (bytes.length == 3 && bytes[1] >= 0 && bytes[1] <= 2) {
      boolean retain = bytes[2] != 0;
      if (bytes[0] == PROPERTIES) {
        return MqttProperties.of(bytes[1], retain);
      } else if (bytes[0] == TAG) {
        return DeliveryTag.of(bytes[1], retain);
      }
    }
    throw new IllegalArgumentException("not a form of MQTT that this version knows");
  }
}
