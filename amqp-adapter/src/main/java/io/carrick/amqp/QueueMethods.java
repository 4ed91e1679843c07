package io.carrick.amqp;

import io.carrick.Binding;
import io.carrick.QueueInfo;
import io.carrick.RoutingKey;
import io.carrick.amqp.codec.AmqpException;
import io.carrick.amqp.codec.Method;
import io.carrick.amqp.codec.QueueMethod;
import io.carrick.amqp.codec.ReplyCode;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.TopicQueue;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The queue class on one channel. Confined to the event loop of its connection. */
final class QueueMethods {

  private final AmqpChannel channel;
  private final Attachment attachment;
  private final DirectReplies replies;
  private String lastDeclared = "";

  QueueMethods(AmqpChannel channel, Attachment attachment, DirectReplies replies) {
    this.channel = channel;
    this.attachment = attachment;
    this.replies = replies;
  }

  void method(QueueMethod method) {
    if (method instanceof QueueMethod.Declare m) {
      declare(m);
    } else if (method instanceof QueueMethod.Bind m) {
      Binding binding = binding(m, m.queue(), m.exchange(), m.key(), m.arguments());
      Completion<Integer> done = reply(m, m.noWait(), d -> new QueueMethod.BindOk());
      attachment.bind(List.of(binding), done);
    } else if (method instanceof QueueMethod.Unbind m) {
      Binding binding = binding(m, m.queue(), m.exchange(), m.key(), m.arguments());
      attachment.unbind(List.of(binding), reply(m, false, d -> new QueueMethod.UnbindOk()));
    } else if (method instanceof QueueMethod.Purge m) {
      String queue = named(m.queue(), m);
      attachment.purgeQueue(queue, reply(m, m.noWait(), QueueMethod.PurgeOk::new));
    } else if (method instanceof QueueMethod.Delete m) {
      String queue = named(m.queue(), m);
      Completion<Long> done = reply(m, m.noWait(), QueueMethod.DeleteOk::new);
      attachment.deleteQueue(queue, m.ifUnused(), m.ifEmpty(), done);
    } else {
      throw AmqpChannel.unexpected(method);
    }
  }

  private void declare(QueueMethod.Declare m) {
    String name = Names.clean(m.queue());
    if (DirectReplies.names(name)) {
      declareReplies(m, name);
      return;
    }
    if (m.passive() && TopicQueue.topic(name).isPresent()) {
      answerForTopic(m, name);
      return;
    }
    Completion<QueueInfo> done = reply(m, m.noWait(), this::declared);
    if (m.passive()) {
      attachment.visitQueue(name, done); // a use of it, as in RabbitMQ
    } else {
      attachment.declareQueue(
          new QueueDeclaration(
              name, m.durable(), m.exclusive(), m.autoDelete(), m.arguments(), null),
          done);
    }
  }

  /** Tells whether somebody gets replies there; there is no queue to be declared. */
  private void declareReplies(QueueMethod.Declare m, String name) {
    if (!replies.there(name)) {
      throw new AmqpException(
          ReplyCode.NOT_FOUND,
          "no queue '" + name + "' in vhost '" + attachment.virtualHost() + "'",
          m.classId(),
          m.methodId());
    }
    if (!m.noWait()) {
      channel.send(new QueueMethod.DeclareOk(name, 0, 1));
    }
  }

  /** A name that stands for a topic is always good, whoever may be there (MAP-19). */
  private void answerForTopic(QueueMethod.Declare m, String name) {
    if (!m.noWait()) {
      channel.send(new QueueMethod.DeclareOk(name, 0, 0));
    }
  }

  private QueueMethod declared(QueueInfo info) {
    lastDeclared = info.name();
    return new QueueMethod.DeclareOk(info.name(), info.ready(), info.consumers());
  }

  private Binding binding(
      Method cause, String queue, String exchange, RoutingKey key, Map<String, Object> arguments) {
    String name = named(queue, cause);
    // An empty queue name with an empty key stands for the last declared queue's name as the key.
    RoutingKey real = queue.isEmpty() && key.bytes().length == 0 ? RoutingKey.ofKey(name) : key;
    return new Binding(Names.clean(exchange), Binding.Target.QUEUE, name, real, arguments, null);
  }

  /** Returns the name of a queue; an empty one stands for the one that was declared last. */
  String named(String queue, Method cause) {
    if (!queue.isEmpty()) {
      return Names.clean(queue);
    }
    if (lastDeclared.isEmpty()) {
      throw new AmqpException(
          ReplyCode.NOT_FOUND, "no previously declared queue", cause.classId(), cause.methodId());
    }
    return lastDeclared;
  }

  private <T> Completion<T> reply(Method cause, boolean noWait, Function<T, QueueMethod> answer) {
    return channel.answer(
        cause,
        value -> {
          QueueMethod method = answer.apply(value);
          if (!noWait) {
            channel.send(method);
          }
        });
  }
}
