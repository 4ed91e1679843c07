package io.carrick.storage;

/**
 * How large a store is, at about the time of asking. Immutable.
 *
 * @param bytes that it occupies where it outlives the process
 * @param waitingBytes submitted and not yet where they are to be
 * @param queues that have messages in it
 */
public record StoreSizes(long bytes, long waitingBytes, long queues) {

  /** A store that occupies nothing but memory. */
  public static final StoreSizes NONE = new StoreSizes(0, 0, 0);
}
