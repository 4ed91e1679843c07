package io.carrick.spi;

/** Why a session's queue, and with it the session, is no more. */
public enum SessionEnd {
  /** Nobody consumed it for as long as it may be left alone. */
  EXPIRED,
  /** Somebody deleted it: its client that starts anew, or an administrator. */
  DELETED,
  /** It went with its last consumer. */
  LEFT
}
