package io.carrick.engine.topology;

import io.carrick.PreconditionFailedException;
import io.carrick.engine.queue.QueueSettings;
import java.util.List;
import java.util.Map;

/**
 * A check of the arguments of one declaration, in RabbitMQ's words. Immutable.
 *
 * @param arguments as declared
 * @param what what has them, as people are told of it
 */
record ArgumentCheck(Map<String, Object> arguments, String what) {

  boolean has(String argument) {
    return arguments.containsKey(argument);
  }

  /** Checks a time in milliseconds, if there is one. */
  void time(String argument, long least) {
    long ms = notNegative(argument);
    if (ms < least && arguments.containsKey(argument)) {
      throw invalid(argument, "{value_zero," + ms + "}");
    } else if (ms > QueueSettings.LONGEST_MS) {
      throw invalid(argument, "{value_too_large," + ms + "}");
    }
  }

  /** Checks a number of nodes, if there is one. */
  void size(String argument) {
    if (notNegative(argument) == 0 && arguments.containsKey(argument)) {
      throw invalid(argument, "{value_zero,0}");
    }
  }

  /** Returns a whole number that is not negative, 0 if there is none. */
  long notNegative(String argument) {
    long value = whole(argument);
    if (value < 0) {
      throw invalid(argument, "{value_negative," + value + "}");
    }
    return value;
  }

  /** Returns a whole number, 0 if there is none. */
  long whole(String argument) {
    Object value = arguments.getOrDefault(argument, 0);
    if (!ArgumentText.isWhole(value)) {
      throw invalid(argument, "\"expected integer, got " + ArgumentText.type(value) + "\"");
    }
    return ((Number) value).longValue();
  }

  /** Checks a text that is one of several, if there is one. */
  void oneOf(String argument, List<String> values, String otherwise) {
    if (!values.contains(text(argument, values.get(0)))) {
      throw invalid(argument, otherwise);
    }
  }

  /** Returns a text, or another if there is none. */
  String text(String argument, String otherwise) {
    Object value = arguments.getOrDefault(argument, otherwise);
    if (value instanceof String text) {
      return text;
    }
    throw unacceptable(argument, value);
  }

  PreconditionFailedException unacceptable(String argument, Object value) {
    return invalid(argument, "{unacceptable_type," + ArgumentText.type(value) + "}");
  }

  PreconditionFailedException invalid(String argument, String why) {
    return new PreconditionFailedException(
        "invalid arg '" + argument + "' for " + what + ": " + why);
  }
}
