package io.carrick.spi;

/** How a delivery ends. */
public enum Settlement {
  /** The consumer has taken responsibility. */
  ACCEPT,
  /** Back to its place in the queue, flagged as redelivered. */
  REQUEUE,
  /** Given up: dropped, or dead-lettered where so configured. */
  REJECT
}
