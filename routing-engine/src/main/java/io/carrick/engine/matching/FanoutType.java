package io.carrick.engine.matching;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType;
import java.util.Map;

/** {@code fanout}: every binding matches. Stateless. AMQP 0-9-1 §3.1.3.2 */
public final class FanoutType implements ExchangeType {

  @Override
  public String name() {
    return "fanout";
  }

  @Override
  public RoutingTable newTable(Map<String, Object> arguments) {
    return new Table();
  }

  /** Written by one thread at a time under the virtual host's lock, read by any without one. */
  private static final class Table implements RoutingTable {

    private final Bag<Binding> bindings = new Bag<>();

    @Override
    public void add(Binding binding) {
      bindings.add(binding);
    }

    @Override
    public void remove(Binding binding) {
      bindings.remove(binding);
    }

    @Override
    public void route(RoutingKey key, Message message, MatchSink matched) {
      bindings.report(matched, MatchSink::matched);
    }
  }
}
