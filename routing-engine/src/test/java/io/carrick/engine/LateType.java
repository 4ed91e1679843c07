package io.carrick.engine;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType;
import java.util.Map;
import java.util.function.Consumer;

/** {@code late}: as the type named {@code as}, after as many milliseconds as the header says. */
final class LateType implements ExchangeType {

  /** Called when it is asked for how long a message is to wait. */
  Consumer<Message> asked = message -> {};

  /** Called when a message is routed that has waited or need not. */
  Consumer<Message> routed = message -> {};

  @Override
  public String name() {
    return "late";
  }

  @Override
  public RoutingTable newTable(Map<String, Object> arguments) {
    throw new IllegalStateException("the broker says which other types there are");
  }

  @Override
  public RoutingTable newTable(Map<String, Object> arguments, Others others) {
    return new Table(others.newTable(arguments.getOrDefault("as", "fanout").toString(), Map.of()));
  }

  private final class Table implements DelayingTable {

    private final RoutingTable table;

    Table(RoutingTable table) {
      this.table = table;
    }

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
      routed.accept(message);
      table.route(key, message, matched);
    }

    @Override
    public long delayMs(Message message) {
      asked.accept(message);
      return (long) message.properties().headers().getOrDefault("late", 0L);
    }
  }
}
