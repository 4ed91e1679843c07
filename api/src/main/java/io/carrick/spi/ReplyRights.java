package io.carrick.spi;

import io.carrick.Message;
import java.util.Optional;

/**
 * Lets whoever got a request answer it, in one virtual host, without a permission of its own. Where
 * a request crosses to a protocol that does not know queues, the adapter writes the proof into the
 * address that it makes of the queue's name, and whoever publishes there shows it. Nothing is
 * remembered of a request: proofs stay good, for the queue of that name, also after a restart with
 * a store that outlives the broker. Thread-safe.
 */
public interface ReplyRights {

  /** Nobody may answer. */
  ReplyRights NONE =
      new ReplyRights() {
        @Override
        public Optional<String> proof(Message request) {
          return Optional.empty();
        }

        @Override
        public boolean proves(String proof, String queue) {
          return false;
        }
      };

  /**
   * Returns the proof that a request names a {@linkplain io.carrick.MessageProperties#replyTo()
   * queue for its replies}: 22 letters, digits, hyphens and underscores, always the same for a
   * queue. Empty if the request names none, or one that its publisher could not bring a message to:
   * who may write neither to the default exchange nor to the queue cannot give away what it has
   * not.
   *
   * @param request as it was published
   */
  Optional<String> proof(Message request);

  /** Returns whether it is the proof of a queue, which need not be there. */
  boolean proves(String proof, String queue);
}
