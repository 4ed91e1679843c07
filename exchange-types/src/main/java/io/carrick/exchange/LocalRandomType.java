package io.carrick.exchange;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType;
import java.util.Map;

/**
 * {@code x-local-random}, as RabbitMQ 4.0 has it: each message goes to one of the queues of this
 * node, which are bound with an empty key. There is one node, so they are all of them. Stateless.
 */
final class LocalRandomType implements ExchangeType {

  @Override
  public String name() {
    return "x-local-random";
  }

  @Override
  public RoutingTable newTable(Map<String, Object> arguments) {
    return new Queues(new OneOfMany(RandomType.ANY));
  }

  /** Takes queues alone. As thread-safe as what it passes calls on to. */
  private record Queues(OneOfMany bindings) implements RoutingTable {

    @Override
    public void add(Binding binding) {
      if (binding.key().bytes().length > 0) {
        throw new PreconditionFailedException(
            "Non empty binding '" + binding.key().asKey() + "' key not permitted");
      }
      if (binding.target() != Binding.Target.QUEUE) {
        throw new PreconditionFailedException("Destination not found");
      }
      bindings.add(binding);
    }

    @Override
    public void remove(Binding binding) {
      bindings.remove(binding);
    }

    @Override
    public void route(RoutingKey key, Message message, MatchSink matched) {
      bindings.route(key, message, matched);
    }
  }
}
