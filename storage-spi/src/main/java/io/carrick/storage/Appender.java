package io.carrick.storage;

import io.carrick.Message;

/**
 * Collects what one loop wants to have stored, and submits it as a batch once a turn. Confined to
 * that loop; nothing here blocks or calls back.
 *
 * <p>A call that throws, whatever it is, has added nothing. Within a record set nothing more can be
 * added then, and if anything had been added to it before, the store has failed: a set is never
 * there in part.
 *
 * <p>Every call that adds a record returns its sequence, which no other record of any run has and
 * which is above all that were given out before. A record becomes durable together with all records
 * of lower sequences that were submitted, by whichever appender; of two records about the same
 * definition the one with the higher sequence counts, in whatever order they were submitted.
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
   * Settles a message in one queue: it does not come back. One that the queue does not have is
   * passed over.
   *
   * @param sequence what {@link #append} returned
   */
  long settle(long queueId, long sequence);

  /**
   * Says at which offset of a stream a message is that was appended to it. After a crash the
   * messages of a stream are in the order of their offsets; one that was appended and not placed
   * takes, in the order of sequences, an offset that no other has.
   *
   * @param queueId of the stream
   * @param offset rises by one from call to call; above all that the stream had
   * @param sequence what {@link #append} returned
   * @return the sequence with which that is durable
   */
  long place(long queueId, long offset, long sequence);

  /** Forgets a queue with all messages that were ever appended to it; its id is not used again. */
  long drop(long queueId);

  /** Adds or replaces a definition; the array is kept and must not change. */
  long put(String table, String key, byte[] record);

  /** Removes a definition; one that is not there is passed over. */
  long delete(String table, String key);

  /**
   * Starts a record set: what is added until {@link #end} is in the store all or none after a
   * crash. Sets may be nested; the outermost counts.
   */
  void begin();

  /** Ends a record set. */
  void end();

  /**
   * Hands the batch over; not within a record set.
   *
   * @return the sequence of its last record, 0 if nothing was ever added
   */
  long submit();
}
