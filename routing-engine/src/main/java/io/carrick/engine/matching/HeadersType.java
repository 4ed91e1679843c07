package io.carrick.engine.matching;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType;
import java.util.Map;

/**
 * {@code headers}: the binding's arguments are compared with the message's headers; the keys do not
 * count. Stateless. AMQP 0-9-1 §3.1.3.4, with RabbitMQ's further values of {@code x-match}.
 */
public final class HeadersType implements ExchangeType {

  @Override
  public String name() {
    return "headers";
  }

  @Override
  public RoutingTable newTable(Map<String, Object> arguments) {
    return new Table();
  }

  /** Written by one thread at a time under the virtual host's lock, read by any without one. */
  private static final class Table implements RoutingTable {

    private final Bag<HeaderMatch> bindings = new Bag<>();

    @Override
    public void add(Binding binding) {
      bindings.add(HeaderMatch.of(binding));
    }

    @Override
    public void remove(Binding binding) {
      bindings.remove(HeaderMatch.probe(binding));
    }

    @Override
    public void route(RoutingKey key, Message message, MatchSink matched) {
      Map<String, Object> headers = message.properties().headers();
      bindings.forEach(
          candidate -> {
            if (candidate.matches(headers)) {
              matched.matched(candidate.binding());
            }
          });
    }
  }
}
