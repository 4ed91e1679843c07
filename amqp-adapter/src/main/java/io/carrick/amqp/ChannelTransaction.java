package io.carrick.amqp;

import io.carrick.Message;
import io.carrick.amqp.DeliveryTags.Taken;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import io.carrick.spi.Settlement;
import io.carrick.spi.Transaction;
import java.util.ArrayList;
import java.util.List;

/**
 * What a transactional channel has published and acknowledged since the last commit. What is
 * acknowledged cannot be acknowledged again, and is not recovered, but is not settled either.
 * Confined to the event loop of its connection.
 */
final class ChannelTransaction {

  private final Transaction transaction;
  private final DeliveryTags tags;
  private List<Taken> acknowledged = new ArrayList<>();

  ChannelTransaction(Transaction transaction, DeliveryTags tags) {
    this.transaction = transaction;
    this.tags = tags;
  }

  void publish(Message message, boolean mandatory) {
    transaction.publish(message, mandatory);
  }

  /**
   * Acknowledges; returns whether the tag was one that is not acknowledged.
   *
   * @throws io.carrick.PreconditionFailedException when the transaction would hold too much
   */
  boolean settle(long tag, boolean multiple, Settlement how) {
    return tags.take(tag, multiple, how, this::take);
  }

  private void take(Taken delivery) {
    acknowledged.add(delivery);
    delivery.holder().settle(transaction, delivery.deliveryId(), delivery.how());
  }

  void commit(Completion<Done> done) {
    List<Taken> committed = acknowledged;
    acknowledged = new ArrayList<>();
    transaction.commit(done);
    committed.forEach(each -> each.holder().committed());
  }

  /** What was acknowledged is to be acknowledged as before. */
  void rollback() {
    transaction.rollback();
    tags.putBack(acknowledged);
    acknowledged = new ArrayList<>();
  }
}
