package io.carrick.engine.topology;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Values of arguments as people are told of them, with AMQP's names of their types. Stateless. */
final class ArgumentText {

  private ArgumentText() {}

  static boolean isWhole(Object value) {
    return value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte;
  }

  /** Returns the name that RabbitMQ has for a value's type. */
  static String type(Object value) {
    if (value instanceof String) {
      return "longstr";
    } else if (value instanceof Integer) {
      return "signedint";
    } else if (value instanceof Long) {
      return "long";
    } else if (value instanceof Short) {
      return "short";
    } else if (value instanceof Byte) {
      return "byte";
    } else if (value instanceof Boolean) {
      return "bool";
    } else if (value instanceof Float) {
      return "float";
    } else if (value instanceof Double) {
      return "double";
    } else if (value instanceof BigDecimal) {
      return "decimal";
    } else if (value instanceof Instant) {
      return "timestamp";
    } else if (value instanceof Map) {
      return "table";
    } else if (value instanceof List) {
      return "array";
    } else if (value instanceof byte[]) {
      return "binary";
    }
    return "void"; // nothing else is left, MessageProperties.VOID and what has no type of AMQP's
  }

  /** Returns a value's text, which is the same for equal values. */
  static String of(Object value) {
    if (value instanceof byte[] bytes) {
      return new String(bytes, StandardCharsets.UTF_8);
    } else if (value instanceof Instant instant) {
      return Long.toString(instant.getEpochSecond());
    } else if (value instanceof BigDecimal decimal) {
      return decimal.toPlainString();
    } else if (value instanceof Map<?, ?> table) {
      var fields = new TreeMap<String, String>();
      table.forEach((name, field) -> fields.put(String.valueOf(name), of(field)));
      return fields.toString();
    } else if (value instanceof List<?> array) {
      return array.stream().map(ArgumentText::of).toList().toString();
    }
    return type(value).equals("void") ? "undefined" : value.toString();
  }
}
