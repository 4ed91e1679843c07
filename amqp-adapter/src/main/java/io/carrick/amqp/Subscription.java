package io.carrick.amqp;

import io.carrick.Message;
import io.carrick.amqp.codec.FieldWriter;
import io.carrick.spi.Completion;
import io.carrick.spi.Consumption;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.Done;
import io.carrick.spi.Settlement;
import org.jspecify.annotations.Nullable;

/** A consumer of a channel. Confined to the event loop of its connection. */
final class Subscription implements DeliverySink, DeliveryTags.Holder {

  private final ConsumeMethods channel;
  private final String tag;
  private final byte[] tagImage;
  private final int prefetch;
  private int bound;
  private @Nullable Consumption consumption;
  private int unsettled;
  private boolean writable = true;
  private boolean cancelled;

  /**
   * Makes one that has not started.
   *
   * @param prefetch the bound of its own, 0 for none
   */
  Subscription(ConsumeMethods channel, String tag, int prefetch) {
    this.channel = channel;
    this.tag = tag;
    this.tagImage = FieldWriter.shortStringImage(tag);
    this.prefetch = prefetch;
  }

  String tag() {
    return tag;
  }

  /** Returns the smaller of its own bound and that of the channel, of which 0 is none. */
  int bound(int together) {
    bound =
        prefetch == 0 || together == 0
            ? Math.max(prefetch, together)
            : Math.min(prefetch, together);
    return bound;
  }

  /** The bound of the channel has changed. */
  void boundChanged(int together) {
    int before = bound;
    if (bound(together) != before && consumption != null) {
      consumption.prefetch(bound);
    }
  }

  /** The broker has added the consumer. */
  void started(Consumption started) {
    consumption = started;
  }

  @Override
  public void deliver(
      long deliveryId, Message message, @Nullable Object ignored, boolean redelivered) {
    if (channel.deliver(this, deliveryId, tagImage, message, redelivered)) {
      unsettled++;
    }
  }

  @Override
  public void ended(End why) {
    channel.ended(this);
  }

  @Override
  public void settle(long deliveryId, Settlement how) {
    unsettled--;
    channel.settled();
    giveBack(deliveryId, how);
    if (cancelled && unsettled == 0 && consumption != null) {
      consumption.detach();
    }
  }

  /** Settles what was never delivered to the peer. */
  void giveBack(long deliveryId, Settlement how) {
    if (consumption != null) {
      consumption.settle(deliveryId, how);
    }
  }

  void writable(boolean now) {
    if (writable != now && consumption != null) {
      writable = now;
      consumption.writable(now);
    }
  }

  /** Ends the consumer; its unacknowledged deliveries stay with the channel. */
  void cancel(Completion<Done> done) {
    if (consumption != null) {
      consumption.cancel(done);
    }
  }

  /** The broker has ended the consumer as it was asked to. */
  void cancelled() {
    cancelled = true;
    if (unsettled == 0 && consumption != null) {
      consumption.detach();
    }
  }
}
