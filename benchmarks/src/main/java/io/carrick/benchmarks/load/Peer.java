package io.carrick.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A client of the broker, of either protocol. Confined to the thread of the run. */
interface Peer {

  /** Begins to connect over a connection that is open. */
  void start(Output output);

  /** Takes whole frames from the buffer and leaves a partial one. */
  void read(ByteBuffer in) throws IOException;

  /** Returns whether it is connected and has what it asked for. */
  boolean ready();

  /** Returns how many messages were published and not yet acknowledged by the broker. */
  int unacknowledged();

  /** Nothing is published for a while: what was counts now. */
  default void pause() {}

  /** Publishes a payload to the lane it was made for. */
  void publish(Stamp stamp, int size);

  /** Says goodbye. */
  void leave();

  /** Where its bytes go. */
  @FunctionalInterface
  interface Output {
    /** Returns a buffer with room for so many bytes. */
    ByteBuffer reserve(int bytes);
  }

  /** Who takes what comes. */
  @FunctionalInterface
  interface Receiver {
    /**
     * Takes a payload, valid during the call.
     *
     * @param at where the payload begins
     * @param length its bytes
     */
    void received(ByteBuffer in, int at, int length);
  }
}
