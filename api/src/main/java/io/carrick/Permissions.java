package io.carrick;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * What a user may do in a virtual host, by regular expressions that find something in the name of
 * the exchange or queue, as in RabbitMQ; an empty one allows nothing. The default exchange is
 * called {@code amq.default}. Immutable.
 *
 * @param configure what may be declared and deleted
 * @param write what may be published to and bound to
 * @param read what may be consumed and bound from
 */
public record Permissions(String configure, String write, String read) {

  /** The longest expression, in characters. */
  static final int LONGEST = 1_024;

  private static final Permissions ALL = new Permissions(".*", ".*", ".*");

  /**
   * Checks the expressions.
   *
   * @throws PreconditionFailedException for what is no regular expression, or a very long one
   */
  public Permissions {
    check(configure);
    check(write);
    check(read);
  }

  /** Everything. */
  public static Permissions all() {
    return ALL;
  }

  static void check(String expression) {
    if (expression.length() > LONGEST) {
      throw new PreconditionFailedException(
          "a regular expression of more than " + LONGEST + " characters");
    }
    try {
      Pattern.compile(expression);
    } catch (PatternSyntaxException e) {
      throw new PreconditionFailedException(
          "invalid regular expression '" + expression + "': " + e.getDescription());
    }
  }
}
