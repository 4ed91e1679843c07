package io.carrick.amqp;

import io.carrick.amqp.codec.AmqpException;
import io.carrick.amqp.codec.AmqpProperties;
import io.carrick.amqp.codec.FieldReader;
import io.carrick.spi.ObjectCodec;

/** What a store keeps of AMQP's objects: properties byte for byte as they arrived. Stateless. */
final class AmqpForms implements ObjectCodec {

  /** Deeper tables have been refused when they arrived. */
  private static final int ANY_DEPTH = Integer.MAX_VALUE;

  @Override
  public boolean knows(Object object) {
    return object instanceof AmqpProperties;
  }

  @Override
  public byte[] encode(Object object) {
    return ((AmqpProperties) object).image();
  }

  @Override
  public Object decode(byte[] bytes) {
    try {
      return AmqpProperties.of(bytes, new FieldReader(ANY_DEPTH));
    } catch (AmqpException unreadable) {
      throw new IllegalArgumentException(unreadable.getMessage(), unreadable);
    }
  }
}
