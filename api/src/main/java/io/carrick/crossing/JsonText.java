package io.carrick.crossing;

import java.util.Map;

/** What the broker itself says as JSON (RFC 8259). Stateless. */
public final class JsonText {

  private JsonText() {}

  /**
   * Returns a table as JSON, without blanks and in its order.
   *
   * @param table of values that headers may have ({@link io.carrick.MessageProperties#headers()})
   * @throws IllegalArgumentException if tables and lists in each other have more than 32 levels
   */
  public static String of(Map<String, Object> table) {
    JsonWriter written = JsonWriter.of(table, Integer.MAX_VALUE);
    if (written == null) {
      throw new IllegalArgumentException("tables and lists in each other, too deep");
    }
    return written.json();
  }
}
