package io.carrick.transport;

import io.netty.buffer.ByteBuf;

/**
 * The protocol state of one connection. Confined to the connection's loop; every call comes there,
 * and what it throws that is not the peer's fault is logged as an error and closes this connection
 * alone.
 */
public interface ConnectionHandler {

  /**
   * Reads frames. The buffer holds all unread bytes, the remainder of earlier reads first. The
   * handler consumes whole frames by moving the reader index and leaves a partial one; it is called
   * again when more has come. It may stop early after it has asked for a pause: {@link
   * Connection#resumeReading()} presents again what is left. It also stops, behind a frame, when
   * {@link Connection#shouldYield()} says so, and is called again in its turn.
   *
   * @param in valid during the call only, and not to be written to
   */
  void onRead(ByteBuf in);

  /**
   * The output has passed half of {@link io.carrick.Limit#OUTPUT_BYTES} ({@code false}), or has
   * drained below an eighth ({@code true}). Called between turns' work, never from within a call of
   * {@link OutputBuffer}; {@link OutputBuffer#pendingBytes()} tells at once.
   */
  void onWritable(boolean writable);

  /**
   * The peer sends nothing more and may still read: it has closed its direction, and every whole
   * frame that came before was presented. A handler that owes answers gives them and calls {@link
   * Connection#closeAfterFlush()} then; from the peer's end on it has {@link
   * io.carrick.Limit#CLOSE_TIMEOUT_MS} for that.
   *
   * @return whether answers are owed; if not, the connection ends behind what is in its output
   */
  default boolean onInputEnd() {
    return false;
  }

  /**
   * The connection is gone, for whatever reason. Called exactly once and last, never from within a
   * call of {@link Connection}.
   */
  void onClosed();

  /** Makes the protocol state of new connections. Thread-safe: each loop calls it. */
  @FunctionalInterface
  interface Factory {

    /** Makes the state of a connection that was just accepted, in its loop. */
    ConnectionHandler newHandler(Connection connection);
  }
}
