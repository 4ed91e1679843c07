package io.carrick.engine.client;

import io.carrick.Message;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.Settlement;
import org.jspecify.annotations.Nullable;

/**
 * Lets messages pass that a client may read, and drops others: its session may be bound for more
 * than it may have. Only where the authorizer filters. Confined to the client's loop.
 */
final class AllowedMessages implements DeliverySink {

  private final ConnectedClient client;
  private final DeliverySink sink;

  /** What it stands in front of; there before the first delivery. */
  private @Nullable AttachedConsumption consumption;

  AllowedMessages(ConnectedClient client, DeliverySink sink) {
    this.client = client;
    this.sink = sink;
  }

  void settleBy(AttachedConsumption of) {
    consumption = of;
  }

  @Override
  public void deliver(long deliveryId, Message message, @Nullable Object tag, boolean redelivered) {
    AttachedConsumption settling = consumption;
    if (client.mayGet(message)) {
      sink.deliver(deliveryId, message, tag, redelivered);
    } else if (settling != null) {
      client.context().counts().add(Count.NOT_ALLOWED);
      if (deliveryId != NO_ID) {
        settling.settle(deliveryId, Settlement.ACCEPT);
      }
    }
  }

  @Override
  public void ended(End why) {
    sink.ended(why);
  }
}
