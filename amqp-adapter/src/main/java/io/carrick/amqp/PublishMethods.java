package io.carrick.amqp;

import io.carrick.Annotations;
import io.carrick.BrokerException;
import io.carrick.HeaderNames;
import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.PublishRejectedException;
import io.carrick.Receipt;
import io.carrick.amqp.codec.AmqpException;
import io.carrick.amqp.codec.AmqpProperties;
import io.carrick.amqp.codec.BasicMethod;
import io.carrick.amqp.codec.ConfirmMethod;
import io.carrick.amqp.codec.Method;
import io.carrick.amqp.codec.ReplyCode;
import io.carrick.spi.Attachment;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Publishing on one channel. Confined to the event loop of its connection. */
final class PublishMethods {

  /** RabbitMQ's bound of a time to live: what a timer can hold. */
  private static final long MAX_EXPIRATION_MS = 0xFFFF_FFFFL;

  private static final int MEANT_FOR_THE_BROKER =
      AmqpProperties.USER_ID
          | AmqpProperties.EXPIRATION
          | AmqpProperties.REPLY_TO
          | AmqpProperties.FURTHER_KEYS
          | AmqpProperties.RECEIPT;

  private static final Pattern LEADING_NUMBER = Pattern.compile("^[+-]?[0-9]+");

  private final AmqpChannel channel;
  private final Attachment attachment;
  private final PublisherConfirms confirms;
  private final DirectReplies replies;

  /** Null unless the channel is transactional. */
  private @Nullable ChannelTransaction transaction;

  PublishMethods(
      AmqpChannel channel,
      Attachment attachment,
      PublisherConfirms confirms,
      DirectReplies replies) {
    this.channel = channel;
    this.attachment = attachment;
    this.confirms = confirms;
    this.replies = replies;
  }

  void confirmSelect(ConfirmMethod.Select method) {
    if (transaction != null) {
      throw wrong(ReplyCode.PRECONDITION_FAILED, "cannot switch from tx to confirm mode", method);
    }
    confirms.select();
    if (!method.noWait()) {
      channel.send(new ConfirmMethod.SelectOk());
    }
  }

  /** From now on the channel publishes with commits. */
  void transacted(ChannelTransaction with, Method cause) {
    if (confirms.selected()) {
      throw wrong(ReplyCode.PRECONDITION_FAILED, "cannot switch from confirm to tx mode", cause);
    }
    transaction = with;
  }

  /** Publishes a content that is complete. */
  void publish(ContentAssembly content) {
    BasicMethod.Publish method = content.publish();
    AmqpProperties properties = content.properties();
    if (method.immediate()) {
      throw wrong(ReplyCode.NOT_IMPLEMENTED, "immediate=true", method);
    }
    Message message =
        properties.hasAny(MEANT_FOR_THE_BROKER)
            ? read(properties, content.takeBody(), method)
            : message(properties, content.takeBody(), method);
    if (transaction != null) {
      publish(message, method, transaction);
      return;
    }
    boolean routed;
    try {
      routed = publish(message);
    } catch (PublishRejectedException refused) {
      if (confirms.selected()) {
        confirms.rejected();
      }
      return;
    } catch (BrokerException refused) {
      throw Refusals.of(refused, method);
    }
    if (!routed && method.mandatory()) {
      giveBack(message);
    }
  }

  private Message message(AmqpProperties properties, byte[] body, BasicMethod.Publish method) {
    return Message.published(
        method.exchange(),
        method.key(),
        properties,
        body,
        attachment.identity(),
        channel.wallTimeMs());
  }

  /** Makes a message of which some properties are not only the application's. */
  private Message read(AmqpProperties properties, byte[] body, BasicMethod.Publish method) {
    if (properties.hasAny(AmqpProperties.USER_ID | AmqpProperties.EXPIRATION)) {
      check(properties, method);
    }
    AmqpProperties passedOn = properties;
    if (properties.replyTo().filter(DirectReplies.NAME::equals).isPresent()) {
      passedOn = passedOn.withReplyTo(replies.address(method));
    }
    if (!properties.hasAny(AmqpProperties.FURTHER_KEYS | AmqpProperties.RECEIPT)) {
      return message(passedOn, body, method);
    }
    Annotations notes = FurtherKeys.of(properties, method);
    if (properties.hasAny(AmqpProperties.RECEIPT)) {
      notes = notes.withReceipt(receipt(properties, method));
    }
    if (properties.headers().containsKey(FurtherKeys.BCC)) {
      passedOn = passedOn.withoutHeader(FurtherKeys.BCC);
    }
    return message(passedOn, body, method).annotated(notes);
  }

  // MAP-18
  private static Receipt receipt(AmqpProperties properties, Method cause) {
    Object asked = properties.headers().get(HeaderNames.RECEIPT);
    try {
      return Receipt.of(asked instanceof String text ? text : String.valueOf(asked));
    } catch (IllegalArgumentException malformed) {
      throw wrong(ReplyCode.PRECONDITION_FAILED, String.valueOf(malformed.getMessage()), cause);
    }
  }

  /** What is not let in now cannot be part of the commit, so the channel hears of it at once. */
  private static void publish(
      Message message, BasicMethod.Publish method, ChannelTransaction with) {
    try {
      with.publish(message, method.mandatory());
    } catch (BrokerException refused) {
      throw Refusals.of(refused, method);
    }
  }

  private boolean publish(Message message) {
    if (confirms.selected()) {
      boolean routed = attachment.publishConfirmed(message);
      confirms.published();
      return routed;
    }
    return attachment.publish(message);
  }

  /**
   * Comes before the confirm, which is sent at the end of the turn at the earliest, and before the
   * answer to a commit.
   */
  void giveBack(Message message) {
    var method =
        new BasicMethod.Return(
            ReplyCode.NO_ROUTE.code(),
            ReplyCode.NO_ROUTE.name(),
            message.exchange(),
            message.routingKey());
    // They came in a frame of this connection, so they fit one.
    byte[] properties = channel.connection().propertiesOf(message);
    channel.connection().output().content(channel.number(), method, message, properties);
  }

  private void check(AmqpProperties properties, BasicMethod.Publish method) {
    String login = attachment.identity().user();
    String user = properties.userId().orElse(login);
    if (!user.equals(login) && !attachment.identity().tags().contains(Identity.IMPERSONATOR)) {
      throw wrong(
          ReplyCode.PRECONDITION_FAILED,
          "user_id property set to '" + user + "' but authenticated user was '" + login + "'",
          method);
    }
    if (properties.hasAny(AmqpProperties.EXPIRATION)) {
      long expiration = properties.expirationMs().orElse(-1);
      if (expiration < 0 || expiration > MAX_EXPIRATION_MS) {
        String text = properties.expirationText();
        throw wrong(
            ReplyCode.PRECONDITION_FAILED,
            "invalid expiration '" + text + "': " + whyNoTime(text),
            method);
      }
    }
  }

  /** RabbitMQ's words for it. */
  private static String whyNoTime(String text) {
    String number =
        LEADING_NUMBER.matcher(text).results().map(MatchResult::group).findFirst().orElse("");
    if (number.isEmpty()) {
      return "no_integer";
    } else if (number.length() < text.length()) {
      return "{leftover_string,\"" + text.substring(number.length()) + "\"}";
    }
    return (number.startsWith("-") ? "{value_negative," : "{value_too_large,") + number + "}";
  }

  private static AmqpException wrong(ReplyCode code, String text, Method method) {
    return new AmqpException(code, text, method.classId(), method.methodId());
  }
}
