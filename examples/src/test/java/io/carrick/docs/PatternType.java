package io.carrick.docs;

// snippet
import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** {@code x-pattern}: the binding key is a regular expression. Stateless. */
final class PatternType implements ExchangeType {

  @Override
  public String name() {
    return "x-pattern";
  }

  @Override
  public RoutingTable newTable(Map<String, Object> arguments) {
    return new Table();
  }

  /** Written by one thread at a time under the virtual host's lock, read by any without one. */
  private static final class Table implements RoutingTable {

    private final Map<Binding, Rule> rules = new ConcurrentHashMap<>();

    private record Rule(Binding binding, Pattern pattern) {}

    @Override
    public void add(Binding binding) {
      try {
        rules.put(binding, new Rule(binding, Pattern.compile(binding.key().asKey())));
      } catch (PatternSyntaxException e) {
        throw new PreconditionFailedException("not a pattern: " + e.getDescription());
      }
    }

    @Override
    public void remove(Binding binding) {
      rules.remove(binding);
    }

    @Override
    public void route(RoutingKey key, Message message, MatchSink matched) {
      for (Rule rule : rules.values()) {
        if (rule.pattern().matcher(key.asKey()).matches()) {
          matched.matched(rule.binding());
        }
      }
    }
  }
}
// end
