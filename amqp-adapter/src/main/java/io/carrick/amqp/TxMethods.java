package io.carrick.amqp;

import io.carrick.amqp.codec.AmqpException;
import io.carrick.amqp.codec.Method;
import io.carrick.amqp.codec.ReplyCode;
import io.carrick.amqp.codec.TxMethod;
import io.carrick.spi.Attachment;
import org.jspecify.annotations.Nullable;

/**
 * Transactions of one channel. AMQP 0-9-1 §1.9 (tx). Confined to the event loop of its connection.
 */
final class TxMethods {

  private final AmqpChannel channel;
  private final Attachment attachment;
  private final PublishMethods publish;
  private final ConsumeMethods consume;
  private @Nullable ChannelTransaction transaction;

  TxMethods(
      AmqpChannel channel, Attachment attachment, PublishMethods publish, ConsumeMethods consume) {
    this.channel = channel;
    this.attachment = attachment;
    this.publish = publish;
    this.consume = consume;
  }

  void method(TxMethod method) {
    if (method instanceof TxMethod.Select) {
      select(method);
    } else if (method instanceof TxMethod.Commit) {
      current(method).commit(channel.answer(method, d -> channel.send(new TxMethod.CommitOk())));
    } else if (method instanceof TxMethod.Rollback) {
      current(method).rollback();
      channel.send(new TxMethod.RollbackOk());
    } else {
      throw AmqpChannel.unexpected(method);
    }
  }

  private void select(Method cause) {
    if (transaction == null) {
      var begun =
          new ChannelTransaction(
              attachment.openTransaction(publish::giveBack), consume.deliveryTags());
      publish.transacted(begun, cause);
      consume.transacted(begun);
      transaction = begun;
    }
    channel.send(new TxMethod.SelectOk());
  }

  private ChannelTransaction current(Method cause) {
    if (transaction == null) {
      throw new AmqpException(
          ReplyCode.PRECONDITION_FAILED,
          "channel is not transactional",
          cause.classId(),
          cause.methodId());
    }
    return transaction;
  }
}
