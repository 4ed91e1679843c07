package io.carrick.exchange;

import io.carrick.Binding;
import io.carrick.HeaderNames;
import io.carrick.Message;
import io.carrick.NotFoundException;
import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code x-delayed-message}: a message with the header {@code x-delay} waits for so many
 * milliseconds, then it is routed as the type says that the argument {@code x-delayed-type} names.
 * Stateless.
 */
final class DelayedMessageType implements ExchangeType {

  private static final String NAME = "x-delayed-message";
  private static final String BY = "x-delayed-type";

  /** The longest time that RabbitMQ's plugin has a message wait; beyond, it does not wait. */
  private static final long LONGEST_MS = 0xFFFF_FFFFL;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public RoutingTable newTable(Map<String, Object> arguments) {
    return newTable(
        arguments,
        (type, of) -> {
          throw new NotFoundException("unknown exchange type '" + type + "'");
        });
  }

  @Override
  public RoutingTable newTable(Map<String, Object> arguments, Others others) {
    if (!(arguments.get(BY) instanceof String type) || type.equals(NAME)) {
      throw new PreconditionFailedException(
          "Invalid argument, '" + BY + "' must be an existing exchange type");
    }
    return new Table(others.newTable(type, arguments));
  }

  /** Routes as another table does. As thread-safe as that. */
  private record Table(RoutingTable table) implements DelayingTable {

    @Override
    public void add(Binding binding) {
      table.add(binding);
    }

    @Override
    public void remove(Binding binding) {
      table.remove(binding);
    }

    @Override
    public void route(RoutingKey key, Message message, MatchSink matched) {
      table.route(key, message, matched);
    }

    @Override
    public long delayMs(Message message) {
      long ms = number(message.properties().headers().get(HeaderNames.DELAY));
      return ms > LONGEST_MS ? 0 : ms;
    }

    /** Reads a header: what is no number is no delay. */
    private static long number(@Nullable Object header) {
      if (header instanceof Number number) {
        return number.longValue();
      }
      if (header instanceof String text) {
        try {
          return Long.parseLong(text);
        } catch (NumberFormatException e) {
          return 0;
        }
      }
      return 0;
    }
  }
}
