package io.carrick.spi;

import io.carrick.Message;
import io.carrick.spi.Sharing.Share;

/**
 * What a session {@linkplain Attachment#join(String, String, Part, Completion) joins} an ordinary
 * queue with, beside those who consume it otherwise. Immutable; kept with the session if the
 * adapter's {@link ObjectCodec} knows it.
 */
public interface Part {

  /**
   * Decides how a message goes to the session. Runs in the queue's loop for each delivery, also for
   * one that is repeated. Depends on nothing but this and its argument, is fast, never blocks and
   * should return shared values.
   *
   * <p>What goes exactly once waits for the session when its client goes, as long as there is the
   * session; then it goes back to the queue.
   */
  Share share(Message message);
}
