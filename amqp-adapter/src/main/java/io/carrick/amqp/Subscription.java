package io.carrick.amqp;

import io.carrick.BrokerException;
import io.carrick.Message;
import io.carrick.amqp.codec.FieldWriter;
import io.carrick.spi.Completion;
import io.carrick.spi.Consumption;
import io.carrick.spi.CreditWindow;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.Done;
import io.carrick.spi.Settlement;
import io.carrick.spi.Transaction;
import org.jspecify.annotations.Nullable;

/** A consumer of a channel. Confined to the event loop of its connection. */
final class Subscription implements DeliverySink, DeliveryTags.Holder {

  private final ConsumeMethods channel;
  private final String tag;
  private final byte[] tagImage;
  private @Nullable Consumption consumption;
  private int unsettled;
  private boolean writable = true;
  private boolean cancelled;

  /** Makes one that has not started. */
  Subscription(ConsumeMethods channel, String tag) {
    this.channel = channel;
    this.tag = tag;
    this.tagImage = FieldWriter.shortStringImage(tag);
  }

  String tag() {
    return tag;
  }

  /** A window bounds it too from now on; {@code done} runs when nothing comes beyond it. */
  void drawOn(CreditWindow window, Runnable done) {
    if (consumption == null) {
      done.run();
    } else {
      consumption.drawOn(window, new Joined(done));
    }
  }

  /** Tells that a consumer draws on a window. Immutable. */
  private record Joined(Runnable done) implements Completion<Done> {

    @Override
    public void completed(Done value) {
      done.run();
    }

    @Override
    public void failed(BrokerException reason) {
      throw new IllegalStateException("a consumer cannot be kept from a window", reason);
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
    if (why != End.TIMED_OUT) { // then the channel is closed
      channel.ended(this);
    }
  }

  @Override
  public void settle(long deliveryId, Settlement how) {
    unsettled--;
    giveBack(deliveryId, how);
    detachIfDone();
  }

  @Override
  public void settle(Transaction with, long deliveryId, Settlement how) {
    if (consumption != null) {
      with.settle(consumption, deliveryId, how);
    }
  }

  @Override
  public void committed() {
    unsettled--;
    detachIfDone();
  }

  private void detachIfDone() {
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
    detachIfDone();
  }
}
