package io.carrick.spi;

/**
 * The durable protocol state of one session, by number (QoS 2 packet identifiers). Used in the loop
 * of the attachment that holds the session's lease. A change is in force at once and durable when
 * {@link Attachment#whenDurable} says so of the sequence returned.
 */
public interface SessionTable {

  /**
   * Stores a record under a key, in place of what was there.
   *
   * @return the store's sequence of the change
   */
  long put(int key, byte[] record);

  /**
   * Removes a key.
   *
   * @return the store's sequence of the change
   */
  long remove(int key);

  /** Shows every record, in the order of their first storing. */
  void forEach(Reader reader);

  /** Removes everything. */
  void clear();

  /** Takes the records of a table. */
  @FunctionalInterface
  interface Reader {
    /** Takes one; the array must not be modified. */
    void read(int key, byte[] record);
  }
}
