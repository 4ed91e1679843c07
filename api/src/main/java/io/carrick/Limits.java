package io.carrick;

/** The bounds of one broker. Immutable. */
public final class Limits {

  private final long[] values;

  private Limits(long[] values) {
    this.values = values;
  }

  /** Returns the defaults of every {@link Limit}. */
  public static Limits defaults() {
    Limit[] all = Limit.values();
    long[] values = new long[all.length];
    for (Limit limit : all) {
      values[limit.ordinal()] = limit.byDefault();
    }
    return new Limits(values);
  }

  /**
   * Returns these limits with one changed.
   *
   * @throws IllegalArgumentException unless positive
   */
  public Limits with(Limit limit, long value) {
    if (value <= 0) {
      throw new IllegalArgumentException(limit + " must be positive: " + value);
    }
    long[] copy = values.clone();
    copy[limit.ordinal()] = value;
    return new Limits(copy);
  }

  /** Returns a limit's value. */
  public long value(Limit limit) {
    return values[limit.ordinal()];
  }

  /** Returns a limit's value where it counts things; above the range of an int, its maximum. */
  public int count(Limit limit) {
    return (int) Math.min(Integer.MAX_VALUE, values[limit.ordinal()]);
  }
}
