package io.carrick.amqp;

import io.carrick.spi.Consumption;
import io.carrick.spi.Settlement;
import io.carrick.spi.Transaction;

/**
 * Holds what basic.get has taken. Immutable.
 *
 * @param consumption settles it
 */
record Taking(Consumption consumption) implements DeliveryTags.Holder {

  @Override
  public void settle(long deliveryId, Settlement how) {
    consumption.settle(deliveryId, how);
  }

  @Override
  public void settle(Transaction with, long deliveryId, Settlement how) {
    with.settle(consumption, deliveryId, how);
  }

  @Override
  public void committed() {}
}
