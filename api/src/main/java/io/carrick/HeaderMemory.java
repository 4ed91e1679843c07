package io.carrick;

import java.util.List;
import java.util.Map;

/** About how much memory the values of headers keep. Stateless. */
public final class HeaderMemory {

  /** An entry of a table or list with a small value. */
  private static final long ENTRY_BYTES = 64;

  private HeaderMemory() {}

  /**
   * Returns about how many bytes a value keeps.
   *
   * @param value of a type named in {@link MessageProperties#headers()}
   */
  public static int bytes(Object value) {
    return (int) Math.min(Integer.MAX_VALUE / 2, sum(value, 1));
  }

  /** Returns about how many bytes a value keeps together with what it becomes on a wire. */
  static int bytesWithImage(Object value) {
    return (int) Math.min(Integer.MAX_VALUE / 2, sum(value, 2));
  }

  /**
   * Adds up.
   *
   * @param times how often texts and bytes are kept
   */
  private static long sum(Object value, int times) {
    if (value instanceof String text) {
      return ENTRY_BYTES + (long) times * text.length();
    } else if (value instanceof byte[] array) {
      return ENTRY_BYTES + (long) times * array.length;
    }
    long sum = 0;
    if (value instanceof Map<?, ?> table) {
      for (Map.Entry<?, ?> entry : table.entrySet()) {
        sum += sum(entry.getKey(), times) + sum(entry.getValue(), times);
      }
    } else if (value instanceof List<?> list) {
      for (Object element : list) {
        sum += sum(element, times);
      }
    } else {
      sum = ENTRY_BYTES;
    }
    return sum;
  }
}
