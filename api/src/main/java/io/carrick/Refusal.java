package io.carrick;

/** Why a message was not taken. */
public enum Refusal {
  /** A queue that matched is full and refuses; others may have taken the message. */
  LIMIT,
  /** An interceptor refused. */
  INTERCEPTED,
  /** The publisher may not publish there. */
  NOT_AUTHORIZED,
  /** The store has failed or is full. */
  STORE,
  /** The broker holds as much as it may, and the publisher has as much waiting as it may. */
  MEMORY,
  /** As {@link #MEMORY}, while the store's disk is nearly full. */
  DISK
}
