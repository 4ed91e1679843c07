package io.carrick.storage;

import io.carrick.Message;

/**
 * Collects what one loop wants to have stored, and submits it as a batch once a turn. Confined to
 * that loop; nothing here blocks or calls back.
 *
 * <p>Every call that adds a record returns its sequence; sequences of one appender rise. A record
 * becomes durable together with all records submitted before it, by whichever appender.
 */
public interface Appender {

  /**
   * Adds a message to queues, all or none of them after a crash. The payload is stored once.
   *
   * @param queueIds the durable queues that it is routed to, the first {@code count} elements; the
   *     array is reused after the call
   * @return the record's sequence, by which the queues settle it
   */
  long append(Message message, long[] queueIds, int count);

  /**
   * Settles a message in one queue: it does not come back.
   *
   * @param sequence what {@link #append} returned
   */
  long settle(long queueId, long sequence);

  /** Adds or replaces a definition; the array is kept and must not change. */
  long put(String table, String key, byte[] record);

  /** Removes a definition. */
  long delete(String table, String key);

  /**
   * Hands the batch over.
   *
   * @return the sequence of its last record, 0 if nothing was ever added
   */
  long submit();
}
