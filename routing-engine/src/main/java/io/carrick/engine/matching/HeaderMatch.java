package io.carrick.engine.matching;

import io.carrick.Binding;
import io.carrick.MessageProperties;
import io.carrick.PreconditionFailedException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a binding of a headers exchange asks of a message. Immutable; equal if the bindings are.
 *
 * <p>{@code x-match} is {@code all} (default) or {@code any}, which pass over arguments that start
 * with {@code x-}, or {@code all-with-x} or {@code any-with-x}, which count them; {@code x-match}
 * itself never counts. Without a counting argument, {@code all} matches everything and {@code any}
 * nothing. An argument {@link MessageProperties#VOID} asks only that the header is there.
 *
 * <p>Values are equal as RabbitMQ sees it: whole numbers by value, whatever their width; float and
 * double likewise; never a number and a text, nor a whole number and a float; decimals with their
 * scale. Unlike RabbitMQ, the same holds inside arrays and tables.
 */
final class HeaderMatch {

  private static final String MATCH_ARGUMENT = "x-match";

  private final Binding binding;
  private final boolean all;
  private final String[] names;
  private final Object[] values;

  private HeaderMatch(Binding binding, boolean all, boolean withX) {
    this.binding = binding;
    this.all = all;
    List<Map.Entry<String, Object>> counting =
        binding.arguments().entrySet().stream()
            .filter(e -> !e.getKey().equals(MATCH_ARGUMENT))
            .filter(e -> withX || !e.getKey().startsWith("x-"))
            .toList();
    this.names = counting.stream().map(Map.Entry::getKey).toArray(String[]::new);
    this.values = counting.stream().map(Map.Entry::getValue).toArray();
  }

  /**
   * Reads a binding.
   *
   * @throws PreconditionFailedException when {@code x-match} is none of the four
   */
  static HeaderMatch of(Binding binding) {
    Object match = binding.arguments().getOrDefault(MATCH_ARGUMENT, "all");
    return switch (match instanceof String text ? text : "") {
      case "all" -> new HeaderMatch(binding, true, false);
      case "any" -> new HeaderMatch(binding, false, false);
      case "all-with-x" -> new HeaderMatch(binding, true, true);
      case "any-with-x" -> new HeaderMatch(binding, false, true);
      default ->
          throw new PreconditionFailedException(
              match instanceof String
                  ? "Invalid x-match field value '%s'; expected all, any, all-with-x, or any-with-x"
                      .formatted(match)
                  : "Invalid x-match field type; expected longstr");
    };
  }

  /** Returns what equals the match of a binding, whether or not that one makes sense. */
  static HeaderMatch probe(Binding binding) {
    return new HeaderMatch(binding, true, true);
  }

  Binding binding() {
    return binding;
  }

  boolean matches(Map<String, Object> headers) {
    for (int i = 0; i < names.length; i++) {
      Object value = headers.get(names[i]);
      boolean met =
          value != null && (values[i] == MessageProperties.VOID || same(values[i], value));
      if (met != all) {
        return met;
      }
    }
    return all;
  }

  private static boolean same(Object asked, Object value) {
    if (asked instanceof Number a && value instanceof Number b) {
      return sameNumber(a, b);
    }
    if (asked instanceof byte[] a) {
      return value instanceof byte[] b && Arrays.equals(a, b);
    }
    if (asked instanceof List<?> a) {
      return value instanceof List<?> b && sameItems(a, b);
    }
    if (asked instanceof Map<?, ?> a) {
      return value instanceof Map<?, ?> b && sameFields(a, b);
    }
    return asked.equals(value);
  }

  private static boolean sameNumber(Number asked, Number value) {
    if (isWhole(asked)) {
      return isWhole(value) && asked.longValue() == value.longValue();
    }
    if (isFloating(asked)) {
      return isFloating(value) && asked.doubleValue() == value.doubleValue();
    }
    return asked.equals(value);
  }

  private static boolean isWhole(Number n) {
    return n instanceof Integer || n instanceof Long || n instanceof Short || n instanceof Byte;
  }

  private static boolean isFloating(Number n) {
    return n instanceof Double || n instanceof Float;
  }

  private static boolean sameItems(List<?> asked, List<?> value) {
    if (asked.size() != value.size()) {
      return false;
    }
    Iterator<?> others = value.iterator();
    for (Object item : asked) {
      if (!same(item, others.next())) {
        return false;
      }
    }
    return true;
  }

  private static boolean sameFields(Map<?, ?> asked, Map<?, ?> value) {
    if (asked.size() != value.size()) {
      return false;
    }
    for (Map.Entry<?, ?> field : asked.entrySet()) {
      Object other = value.get(field.getKey());
      if (other == null || !same(field.getValue(), other)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof HeaderMatch m && binding.equals(m.binding);
  }

  @Override
  public int hashCode() {
    return binding.hashCode();
  }
}
