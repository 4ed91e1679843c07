package io.carrick.spi;

import io.carrick.Message;

/** Sees every message on arrival, whichever protocol it came by (MAP-40). */
@FunctionalInterface
public interface PublishInterceptor {

  /**
   * Passes a message on, or another in its place. Called in the publisher's loop, in order of
   * registration: fast, never blocks.
   *
   * @param message with its address and publisher
   * @return the message that is published
   * @throws io.carrick.PublishRejectedException to refuse it; what else it throws is logged and
   *     refuses it too
   */
  Message onPublish(Message message);
}
