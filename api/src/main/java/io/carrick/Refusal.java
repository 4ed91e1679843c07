package io.carrick;

/** Why a message was not taken. */
public enum Refusal {
  /** Every queue that matched is full and configured to refuse. */
  LIMIT,
  /** An interceptor refused. */
  INTERCEPTED,
  /** The publisher may not publish there. */
  NOT_AUTHORIZED,
  /** The store has failed or is full. */
  STORE
}
