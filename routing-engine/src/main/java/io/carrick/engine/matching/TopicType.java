package io.carrick.engine.matching;

import io.carrick.Binding;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType;
import java.util.Map;

/**
 * {@code topic}: the binding key is a pattern, an AMQP binding key or an MQTT filter. Immutable.
 * AMQP 0-9-1 §3.1.3.3
 */
public final class TopicType implements ExchangeType {

  private final Limits limits;
  private final boolean hidesDollar;

  /** A type which refuses patterns beyond {@code limits} (MAP-39). */
  public TopicType(Limits limits) {
    this(limits, false);
  }

  /**
   * A type which refuses patterns beyond {@code limits}.
   *
   * @param hidesDollar whether what starts with {@code $} is hidden from wildcards of AMQP, too
   *     (MAP-7)
   */
  public TopicType(Limits limits, boolean hidesDollar) {
    this.limits = limits;
    this.hidesDollar = hidesDollar;
  }

  @Override
  public String name() {
    return "topic";
  }

  @Override
  public RoutingTable newTable(Map<String, Object> arguments) {
    return new Table(limits, hidesDollar);
  }

  /** Written by one thread at a time under the virtual host's lock, read by any without one. */
  private static final class Table implements RoutingTable {

    private final TopicTrie<Binding> bindings;

    Table(Limits limits, boolean hidesDollar) {
      bindings = new TopicTrie<>(limits, hidesDollar);
    }

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
