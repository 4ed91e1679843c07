package io.carrick.engine.matching;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A text in which regular expressions look for something in a loop. They can take for ever, and
 * more stack than there is: so how often they look at a character is counted and bounded. Confined
 * to one thread.
 */
public final class WatchedText implements CharSequence {

  /** How many characters an expression may look at. */
  private static final int MOST_LOOKS = 16_384;

  /**
   * How often all repetitions of an expression together may ask for something. Where that is
   * nothing, no character is looked at: {@code (?:){2000000000}} takes a second and no look.
   */
  private static final long MOST_REPETITIONS = 10_000;

  private static final Pattern REPETITION = Pattern.compile("\\{(\\d+)(?:,(\\d*))?}");

  private final Looks looks;
  private final String text;
  private final int start;
  private final int end;

  /** How much was looked at, in the text and in its parts. */
  private static final class Looks {
    private int count;
  }

  /** The expression takes too long. */
  public static final class TooLong extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooLong() {
      super("the expression takes too long", null, false, false);
    }
  }

  private WatchedText(Looks looks, String text, int start, int end) {
    this.looks = looks;
    this.text = text;
    this.start = start;
    this.end = end;
  }

  /** Watches a text. */
  public WatchedText(String text) {
    this(new Looks(), text, 0, text.length());
  }

  /**
   * Returns whether an expression finds something.
   *
   * @throws TooLong if it has not found out in a bounded time
   */
  public boolean finds(Pattern expression) {
    if (repetitions(expression.pattern()) > MOST_REPETITIONS) {
      throw new TooLong();
    }
    try {
      return expression.matcher(this).find();
    } catch (StackOverflowError tooDeep) {
      throw new TooLong();
    }
  }

  /** Returns the product of all that stands in braces, as if each was around the others. */
  private static long repetitions(String expression) {
    if (expression.indexOf('{') < 0) {
      return 1;
    }
    long product = 1;
    Matcher repetition = REPETITION.matcher(expression);
    while (product <= MOST_REPETITIONS && repetition.find()) {
      product *= Math.max(1, Math.max(count(repetition.group(1)), count(repetition.group(2))));
    }
    return product;
  }

  private static long count(@Nullable String digits) {
    if (digits == null || digits.isEmpty()) {
      return 0;
    }
    return digits.length() > 9 ? Integer.MAX_VALUE : Long.parseLong(digits);
  }

  /** Returns how many characters were looked at. */
  public int looks() {
    return looks.count;
  }

  @Override
  public int length() {
    return end - start;
  }

  @Override
  public char charAt(int index) {
    if (++looks.count > MOST_LOOKS) {
      throw new TooLong();
    }
    return text.charAt(start + index);
  }

  @Override
  public CharSequence subSequence(int from, int to) {
    return new WatchedText(looks, text, start + from, start + to);
  }

  @Override
  public String toString() {
    return text.substring(start, end);
  }
}
