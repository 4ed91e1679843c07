package io.carrick.engine.queue;

/** What a queue answers to a publisher. */
public enum Answer {
  /** Taken, or not meant for it. */
  TAKEN,
  /** Taken; its consumer is slow and the publisher should pause. */
  CONGESTED,
  /** Not taken: the queue is full and refuses. */
  REFUSED
}
