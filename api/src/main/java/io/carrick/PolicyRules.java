package io.carrick;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What a policy may say, as RabbitMQ checks it. Stateless. */
final class PolicyRules {

  private static final long LONGEST_MS = 0xFFFF_FFFFL;

  /** Limits, of which the lowest counts; an operator's policy has nothing else. */
  private static final Map<String, Long> LEAST =
      Map.of(
          "message-ttl", 0L,
          "expires", 1L,
          "max-length", 0L,
          "max-length-bytes", 0L,
          "delivery-limit", 0L,
          "consumer-timeout", 1L);

  private static final Set<String> TIMES = Set.of("message-ttl", "expires", "consumer-timeout");

  private static final Set<String> NAMES =
      Set.of("dead-letter-exchange", "dead-letter-routing-key", Policy.ALTERNATE_EXCHANGE);

  private static final Map<String, Set<String>> WORDS =
      Map.of(
          "overflow", overflows(),
          "queue-mode", Set.of("default", "lazy"),
          "dead-letter-strategy", Set.of("at-most-once", "at-least-once"));

  /** How long a stream keeps, such as {@code 7D}. */
  private static final String MAX_AGE = "max-age";

  private static final String AGE = "[0-9]+[YMDhms]";

  private PolicyRules() {}

  private static Set<String> overflows() {
    var all = new TreeSet<String>();
    Arrays.stream(Overflow.values()).forEach(overflow -> all.add(overflow.text()));
    return Set.copyOf(all);
  }

  static Map<String, Object> checked(Map<String, Object> definition, Policy.Kind kind) {
    var checked = new LinkedHashMap<String, Object>();
    definition.forEach((key, value) -> checked.put(key, checked(key, value, kind)));
    return Map.copyOf(checked);
  }

  private static Object checked(String key, Object value, Policy.Kind kind) {
    if (LEAST.containsKey(key)) {
      return number(key, value, LEAST.getOrDefault(key, 0L));
    }
    Set<String> words = WORDS.getOrDefault(key, Set.of());
    boolean known = !words.isEmpty() || NAMES.contains(key) || key.equals(MAX_AGE);
    if (!known || kind == Policy.Kind.OPERATOR) {
      throw wrong("'%s' is not recognised in a policy of this kind".formatted(key));
    } else if (!(value instanceof String text)) {
      throw wrong("'%s' has to be a text: %s".formatted(key, value));
    } else if ((!words.isEmpty() && !words.contains(text))
        || (key.equals(MAX_AGE) && !text.matches(AGE))) {
      throw wrong("'%s' cannot be '%s'".formatted(key, text));
    }
    return value;
  }

  private static long number(String key, Object value, long least) {
    boolean whole =
        value instanceof Long
            || value instanceof Integer
            || value instanceof Short
            || value instanceof Byte;
    if (!whole) {
      throw wrong("'%s' has to be a whole number: %s".formatted(key, value));
    }
    long number = ((Number) value).longValue();
    if (number < least || (TIMES.contains(key) && number > LONGEST_MS)) {
      throw wrong("'%s' cannot be %d".formatted(key, number));
    }
    return number;
  }

  private static PreconditionFailedException wrong(String why) {
    return new PreconditionFailedException("Validation failed: " + why);
  }
}
