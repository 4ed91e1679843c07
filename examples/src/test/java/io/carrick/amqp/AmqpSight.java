package io.carrick.amqp;

import io.carrick.Mapping;
import io.carrick.Message;
import io.carrick.amqp.codec.AmqpProperties;
import io.carrick.amqp.codec.FieldReader;

/** What AMQP's adapter makes of messages, without a connection. */
public final class AmqpSight {

  private final Crossing crossing = new Crossing();

  /** Returns a message's properties as a consumer gets them. */
  public byte[] delivered(Message message, Mapping mapping) {
    return crossing.properties(message, mapping);
  }

  /** Returns a message's routing key as a consumer gets it. */
  public static byte[] key(Message message) {
    return Crossing.key(message);
  }

  /** Returns properties as they were when they are published. */
  public static AmqpProperties published(byte[] image) {
    return AmqpProperties.of(image, new FieldReader(32));
  }
}
