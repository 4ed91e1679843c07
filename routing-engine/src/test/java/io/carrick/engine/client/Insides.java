package io.carrick.engine.client;

import io.carrick.spi.Attachment;

/** What tests look at in an attachment and nobody else does. Called in its loop. Stateless. */
public final class Insides {

  private Insides() {}

  /** Returns how many consumptions an attachment has still to end. */
  public static int consumptions(Attachment attachment) {
    return ((ClientAttachment) attachment).consumptions().size();
  }

  /** Returns how many queues belong to an attachment's client alone. */
  public static int exclusiveQueues(Attachment attachment) {
    return ((ClientAttachment) attachment).client().exclusiveQueues().size();
  }
}
