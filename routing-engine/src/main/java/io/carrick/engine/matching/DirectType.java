package io.carrick.engine.matching;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType;
import java.util.Map;

/**
 * {@code direct}: the binding key is the routing key, in whichever protocol's form. Stateless. AMQP
 * 0-9-1 §3.1.3.1
 */
public final class DirectType implements ExchangeType {

  @Override
  public String name() {
    return "direct";
  }

  @Override
  public RoutingTable newTable(Map<String, Object> arguments) {
    return new Table();
  }

  /** Written by one thread at a time under the virtual host's lock, read by any without one. */
  private static final class Table implements RoutingTable {

    private final KeyTable<Binding> bindings = new KeyTable<>();

    @Override
    public void add(Binding binding) {
      bindings.add(binding.key(), binding);
    }

    @Override
    public void remove(Binding binding) {
      bindings.remove(binding.key(), binding);
    }

    @Override
    public void route(RoutingKey key, Message message, MatchSink matched) {
      bindings.match(key, matched, MatchSink::matched);
    }
  }
}
