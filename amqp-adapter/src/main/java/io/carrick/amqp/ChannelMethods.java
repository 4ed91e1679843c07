package io.carrick.amqp;

import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;

/**
 * What an open channel can do, and its place in the broker. Confined to the event loop of its
 * connection.
 */
final class ChannelMethods {

  private final Attachment attachment;
  private final PublisherConfirms confirms;
  private final ExchangeMethods exchange;
  private final QueueMethods queue;
  private final PublishMethods publish;
  private final ConsumeMethods consume;
  private final TxMethods tx;

  ChannelMethods(AmqpChannel channel) {
    this.confirms = new PublisherConfirms(channel);
    this.attachment = channel.connection().attachment().open(confirms);
    this.exchange = new ExchangeMethods(channel, attachment);
    var replies = new DirectReplies(attachment);
    this.queue = new QueueMethods(channel, attachment, replies);
    this.publish = new PublishMethods(channel, attachment, confirms, replies);
    this.consume = new ConsumeMethods(channel, attachment, queue, replies);
    this.tx = new TxMethods(channel, attachment, publish, consume);
  }

  ExchangeMethods exchange() {
    return exchange;
  }

  QueueMethods queue() {
    return queue;
  }

  PublishMethods publish() {
    return publish;
  }

  ConsumeMethods consume() {
    return consume;
  }

  TxMethods tx() {
    return tx;
  }

  /** Returns whether every publish has its answer. */
  boolean answered() {
    return confirms.answered();
  }

  /** Detaches; what was not acknowledged goes back to its queues. */
  void close() {
    attachment.close();
    confirms.close();
  }

  /** Detaches; completes when everything is back. */
  void close(Completion<Done> done) {
    confirms.close();
    attachment.close(done);
  }
}
