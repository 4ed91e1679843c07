package io.carrick.engine.client;

import io.carrick.Message;
import io.carrick.spi.DeliverySink;
import org.jspecify.annotations.Nullable;

/** The sink of a consumer that only asks for single messages. Stateless. */
enum NoDeliveries implements DeliverySink {
  /** The one. */
  SINK;

  @Override
  public void deliver(long deliveryId, Message message, @Nullable Object tag, boolean redelivered) {
    throw new IllegalStateException("nothing is delivered to who only asks");
  }

  @Override
  public void ended(End why) {}
}
