package io.carrick.amqp;

import io.carrick.amqp.codec.AmqpException;
import io.carrick.amqp.codec.BasicMethod;
import io.carrick.amqp.codec.Method;
import io.carrick.amqp.codec.ReplyCode;
import io.carrick.spi.Attachment;
import io.carrick.spi.Attachment.Replies;
import org.jspecify.annotations.Nullable;

/**
 * Replies that come to one channel without a queue: RabbitMQ's direct reply-to. The channel
 * consumes a name, and in what it publishes that name becomes an address that only who gets the
 * message knows. Confined to the event loop of its connection.
 */
final class DirectReplies {

  /** What is consumed, and named as the place for replies. */
  static final String NAME = "amq.rabbitmq.reply-to";

  private static final String PREFIX = NAME + ".";

  private final Attachment attachment;

  /** Who gets the replies; null while nobody does. */
  private @Nullable Subscription subscription;

  private String address = "";

  DirectReplies(Attachment attachment) {
    this.attachment = attachment;
  }

  /** Begins to consume replies. */
  void consume(Subscription by, BasicMethod.Consume method) {
    if (!method.noAck()) {
      throw refused("reply consumer cannot acknowledge", method);
    }
    if (subscription != null) {
      throw refused("reply consumer already set", method);
    }
    Replies opened = attachment.openReplies(PREFIX, by);
    by.started(opened.consumption());
    subscription = by;
    address = opened.address();
  }

  /** A consumer of the channel is cancelled, perhaps that of replies. */
  void cancelled(Subscription gone) {
    if (subscription == gone) {
      subscription = null;
      address = "";
    }
  }

  /** Returns where replies to what is published now are to go. */
  String address(BasicMethod.Publish method) {
    if (subscription == null) {
      throw refused("fast reply consumer does not exist", method);
    }
    return address;
  }

  /** Returns whether a queue's name is one of an address for replies, there or not. */
  static boolean names(String queue) {
    return queue.startsWith(NAME)
        && (queue.length() == NAME.length() || queue.charAt(NAME.length()) == '.');
  }

  /** Returns whether replies to an address find somebody. */
  boolean there(String queue) {
    return queue.equals(NAME) || attachment.hasReplies(queue);
  }

  private static AmqpException refused(String why, Method cause) {
    return new AmqpException(ReplyCode.PRECONDITION_FAILED, why, cause.classId(), cause.methodId());
  }
}
