package io.carrick;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.OptionalLong;

/**
 * What the publisher of a message wants to be told of those who receive it: that all its queues'
 * copies were acknowledged, or so many of them, and for how long the broker is to wait for that
 * (MAP-18). Immutable.
 *
 * <p>As a text, the value of the MQTT 5 user property or AMQP header {@link HeaderNames#RECEIPT}:
 *
 * <pre>
 * receipt  = ( "all" / "count=" number ) [ ";timeout=" time ]
 * time     = number [ "ms" / "s" / "m" / "h" / "d" ]   ; milliseconds without a unit
 *          / a duration of ISO 8601, as PT1M30S
 * </pre>
 *
 * <p>Spaces may stand around the semicolon and at the ends. Nothing else may.
 *
 * @param count how many acknowledgements are enough; 0 if every copy is waited for
 * @param timeoutMs for how many milliseconds; empty for what {@link Limit#RECEIPT_DEFAULT_MS} says,
 *     and never more than {@link Limit#RECEIPT_TIMEOUT_MS}
 */
public record Receipt(int count, OptionalLong timeoutMs) {

  private static final int MOST_CHARS = 100;
  private static final int MOST_DIGITS = 15;
  private static final int MOST_COUNT = 1_000_000_000;
  private static final String ALL = "all";
  private static final String COUNT = "count=";
  private static final String TIMEOUT = "timeout=";

  /** Checks the numbers. */
  public Receipt {
    if (count < 0 || count > MOST_COUNT) {
      throw new IllegalArgumentException("a receipt of " + count + " acknowledgements");
    }
    if (timeoutMs.isPresent() && timeoutMs.getAsLong() <= 0) {
      throw new IllegalArgumentException("a receipt that nobody waits for");
    }
  }

  /** Waits until every copy has been acknowledged or given up. */
  public static Receipt all() {
    return new Receipt(0, OptionalLong.empty());
  }

  /**
   * Waits until every copy has been acknowledged or given up.
   *
   * @param timeout how long at most, at least a millisecond
   */
  public static Receipt all(Duration timeout) {
    return new Receipt(0, OptionalLong.of(timeout.toMillis()));
  }

  /**
   * Waits for so many acknowledgements.
   *
   * @param acknowledgements at least one
   */
  public static Receipt count(int acknowledgements) {
    return new Receipt(positive(acknowledgements), OptionalLong.empty());
  }

  /**
   * Waits for so many acknowledgements.
   *
   * @param acknowledgements at least one
   * @param timeout how long at most, at least a millisecond
   */
  public static Receipt count(int acknowledgements, Duration timeout) {
    return new Receipt(positive(acknowledgements), OptionalLong.of(timeout.toMillis()));
  }

  private static int positive(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("a receipt of " + count + " acknowledgements");
    }
    return count;
  }

  /**
   * Reads a receipt as publishers write it.
   *
   * @throws IllegalArgumentException if it is none, with a message fit for its publisher
   */
  public static Receipt of(String text) {
    if (text.length() > MOST_CHARS) {
      throw malformed(text.substring(0, MOST_CHARS) + "…");
    }
    int semicolon = text.indexOf(';');
    String what = (semicolon < 0 ? text : text.substring(0, semicolon)).strip();
    int count = what.equals(ALL) ? 0 : count(what, text);
    if (semicolon < 0) {
      return new Receipt(count, OptionalLong.empty());
    }
    String option = text.substring(semicolon + 1).strip();
    if (!option.startsWith(TIMEOUT)) {
      throw malformed(text);
    }
    return new Receipt(count, OptionalLong.of(time(option.substring(TIMEOUT.length()), text)));
  }

  private static int count(String what, String text) {
    long count = what.startsWith(COUNT) ? number(what.substring(COUNT.length())) : -1;
    if (count < 1 || count > MOST_COUNT) {
      throw malformed(text);
    }
    return (int) count;
  }

  private static long time(String time, String text) {
    long ms = time.startsWith("P") ? isoTime(time) : plainTime(time);
    if (ms <= 0) {
      throw malformed(text);
    }
    return ms;
  }

  private static long isoTime(String time) {
    try {
      return Duration.parse(time).toMillis();
    } catch (DateTimeParseException | ArithmeticException none) {
      return -1;
    }
  }

  private static long plainTime(String time) {
    int digits = 0;
    while (digits < time.length() && isDigit(time.charAt(digits))) {
      digits++;
    }
    long unitMs =
        switch (time.substring(digits)) {
          case "", "ms" -> 1;
          case "s" -> 1_000;
          case "m" -> 60_000;
          case "h" -> 3_600_000;
          case "d" -> 86_400_000;
          default -> 0;
        };
    long number = number(time.substring(0, digits));
    return number < 0 || unitMs == 0 || number > Long.MAX_VALUE / unitMs ? -1 : number * unitMs;
  }

  /** Returns a number of decimal digits; -1 if it is none, or too long. */
  private static long number(String digits) {
    if (digits.isEmpty() || digits.length() > MOST_DIGITS) {
      return -1;
    }
    for (int i = 0; i < digits.length(); i++) {
      if (!isDigit(digits.charAt(i))) {
        return -1;
      }
    }
    return Long.parseLong(digits);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException(
        "'" + text + "' is no receipt: all or count=N, then ;timeout=5s if need be");
  }

  /** Returns it as publishers write it. */
  @Override
  public String toString() {
    String what = count == 0 ? ALL : COUNT + count;
    return timeoutMs.isPresent() ? what + ";" + TIMEOUT + timeoutMs.getAsLong() + "ms" : what;
  }
}
