package io.carrick.spi;

/** How a delivery ends. */
public enum Settlement {
  /** The consumer has taken responsibility. */
  ACCEPT,
  /** Back to its place in the queue, flagged as redelivered. */
  REQUEUE,
  /** Given up: dropped, or dead-lettered where so configured. */
  REJECT,
  /**
   * Given up as with {@link #REJECT}, but by the adapter: the consumer's protocol has no form for
   * it. A dead letter of that kind which comes back is dropped.
   */
  UNDELIVERABLE
}
