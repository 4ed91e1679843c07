package io.carrick.amqp;

import io.carrick.Binding;
import io.carrick.amqp.codec.AmqpException;
import io.carrick.amqp.codec.ExchangeMethod;
import io.carrick.amqp.codec.Method;
import io.carrick.amqp.codec.ReplyCode;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import io.carrick.spi.ExchangeDeclaration;
import java.util.List;

/** The exchange class on one channel. Confined to the event loop of its connection. */
final class ExchangeMethods {

  private final AmqpChannel channel;
  private final Attachment attachment;

  ExchangeMethods(AmqpChannel channel, Attachment attachment) {
    this.channel = channel;
    this.attachment = attachment;
  }

  void method(ExchangeMethod method) {
    if (method instanceof ExchangeMethod.Declare m) {
      declare(m);
    } else if (method instanceof ExchangeMethod.Delete m) {
      String name = notDefault(Names.clean(m.exchange()), m);
      Completion<Done> done = reply(m, m.noWait(), new ExchangeMethod.DeleteOk());
      attachment.deleteExchange(name, m.ifUnused(), done);
    } else if (method instanceof ExchangeMethod.Bind m) {
      var binding = binding(m.source(), m.destination(), m);
      attachment.bind(List.of(binding), reply(m, m.noWait(), new ExchangeMethod.BindOk()));
    } else if (method instanceof ExchangeMethod.Unbind m) {
      var bind =
          new ExchangeMethod.Bind(m.destination(), m.source(), m.key(), false, m.arguments());
      var binding = binding(m.source(), m.destination(), bind);
      attachment.unbind(List.of(binding), reply(m, m.noWait(), new ExchangeMethod.UnbindOk()));
    } else {
      throw AmqpChannel.unexpected(method);
    }
  }

  private void declare(ExchangeMethod.Declare m) {
    String name = notDefault(Names.clean(m.exchange()), m);
    Completion<Done> done = reply(m, m.noWait(), new ExchangeMethod.DeclareOk());
    if (m.passive()) {
      attachment.findExchange(name, done);
    } else {
      attachment.declareExchange(
          new ExchangeDeclaration(
              name, m.type(), m.durable(), m.autoDelete(), m.internal(), m.arguments()),
          done);
    }
  }

  private static Binding binding(String source, String destination, ExchangeMethod.Bind m) {
    return new Binding(
        notDefault(Names.clean(source), m),
        Binding.Target.EXCHANGE,
        notDefault(Names.clean(destination), m),
        m.key(),
        m.arguments(),
        null);
  }

  private static String notDefault(String exchange, Method cause) {
    if (exchange.isEmpty()) {
      throw new AmqpException(
          ReplyCode.ACCESS_REFUSED,
          "operation not permitted on the default exchange",
          cause.classId(),
          cause.methodId());
    }
    return exchange;
  }

  private <T> Completion<T> reply(Method cause, boolean noWait, ExchangeMethod answer) {
    return channel.answer(
        cause,
        done -> {
          if (!noWait) {
            channel.send(answer);
          }
        });
  }
}
