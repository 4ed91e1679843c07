package io.carrick.spi;

/** How a delivery ends. */
public enum Settlement {
  /** The consumer has taken responsibility. */
  ACCEPT,
  /** Back to its place in the queue, flagged as redelivered. */
  REQUEUE,
  /** Back to its place in the queue as if it had not left: it never reached the peer. */
  UNSENT,
  /** Given up: dropped, or dead-lettered where so configured. */
  REJECT
}
