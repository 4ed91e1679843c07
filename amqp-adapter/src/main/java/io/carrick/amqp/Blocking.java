package io.carrick.amqp;

import io.carrick.amqp.codec.ConnectionMethod;
import io.carrick.spi.AttachmentListener.Pause;

/**
 * Tells a peer that understands it why it is not read from, and when that is over: RabbitMQ's
 * {@code connection.blocked} and {@code unblocked}. Confined to the event loop of its connection.
 */
final class Blocking {

  private final FrameOutput output;
  private boolean understood;

  /** How often each alarm holds one of the channels up. */
  private int memory;

  private int disk;

  Blocking(FrameOutput output) {
    this.output = output;
  }

  /** The handshake is complete. */
  void understood(boolean byThePeer) {
    understood = byThePeer;
  }

  void begins(Pause why) {
    boolean before = blocked();
    count(why, 1);
    if (understood && !before && blocked()) {
      // In RabbitMQ's words, which its users' tools look for.
      output.method(0, new ConnectionMethod.Blocked("low on " + (memory > 0 ? "memory" : "disk")));
    }
  }

  void ends(Pause why) {
    boolean before = blocked();
    count(why, -1);
    if (understood && before && !blocked()) {
      output.method(0, new ConnectionMethod.Unblocked());
    }
  }

  private boolean blocked() {
    return memory + disk > 0;
  }

  private void count(Pause why, int change) {
    if (why == Pause.MEMORY) {
      memory += change;
    } else if (why == Pause.DISK) {
      disk += change;
    }
  }
}
