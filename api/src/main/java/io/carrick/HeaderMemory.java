package io.carrick;

import java.util.List;
import java.util.Map;

/** About how much memory the values of headers keep. Stateless. */
public final class HeaderMemory {

  /** An entry of a table or list with a small value. */
  private static final long ENTRY_BYTES = 64;

  /** The type of a value on the wire, and its length or the value itself. */
  private static final long FIELD_BYTES = 9;

  private HeaderMemory() {}

  /**
   * Returns about how many bytes a value takes on the wire.
   *
   * @param value of a type named in {@link MessageProperties#headers()}
   */
  static int imageBytes(Object value) {
    long sum = FIELD_BYTES;
    if (value instanceof String text) {
      sum += text.length();
    } else if (value instanceof byte[] array) {
      sum += array.length;
    } else if (value instanceof Map<?, ?> table) {
      for (Map.Entry<?, ?> entry : table.entrySet()) {
        sum += (long) imageBytes(entry.getKey()) + imageBytes(entry.getValue());
      }
    } else if (value instanceof List<?> list) {
      for (Object element : list) {
        sum += imageBytes(element);
      }
    }
    return (int) Math.min(Integer.MAX_VALUE / 2, sum);
  }

  /**
   * Returns about how many bytes a value keeps.
   *
   * @param value of a type named in {@link MessageProperties#headers()}
   */
  public static int bytes(Object value) {
    long sum = 0;
    if (value instanceof String text) {
      sum = ENTRY_BYTES + text.length();
    } else if (value instanceof byte[] array) {
      sum = ENTRY_BYTES + array.length;
    } else if (value instanceof Map<?, ?> table) {
      for (Map.Entry<?, ?> entry : table.entrySet()) {
        sum += (long) bytes(entry.getKey()) + bytes(entry.getValue());
      }
    } else if (value instanceof List<?> list) {
      for (Object element : list) {
        sum += bytes(element);
      }
    } else {
      sum = ENTRY_BYTES;
    }
    return (int) Math.min(Integer.MAX_VALUE / 2, sum);
  }
}
