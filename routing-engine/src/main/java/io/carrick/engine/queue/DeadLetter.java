package io.carrick.engine.queue;

import io.carrick.Death;
import io.carrick.Message;
import io.carrick.Rejection;
import io.carrick.RoutingKey;
import org.jspecify.annotations.Nullable;

/**
 * A message that a queue has given up, on its way to the dead letter exchange. The store has it in
 * that queue until it is {@linkplain #settle settled} there. Confined to the queue's loop.
 */
public final class DeadLetter {

  private final Queue queue;
  private final QueuedMessage given;
  private final Death.Reason reason;
  private final DeadLetterTarget target;

  /** What the consumer said that rejected it; null if it said nothing. */
  private final @Nullable Rejection said;

  /** Whether the next run would be told that it had been delivered. */
  private boolean noted;

  DeadLetter(
      Queue queue,
      QueuedMessage given,
      Death.Reason reason,
      DeadLetterTarget target,
      @Nullable Rejection said) {
    this.queue = queue;
    this.given = given;
    this.reason = reason;
    this.target = target;
    this.said = said;
  }

  /** Returns the queue that has given it up. */
  public Queue queue() {
    return queue;
  }

  /** Returns the name of the exchange that it goes to. */
  public String exchange() {
    return target.exchange();
  }

  /** Returns whether it stays with its queue until every target has it. */
  public boolean kept() {
    return target.keeps();
  }

  /** Returns whether the queue has been deleted, and all that it had with it. */
  public boolean ofDeletedQueue() {
    return queue.deleted();
  }

  /**
   * Returns the message as it is published again.
   *
   * @param nowMs wall time in milliseconds
   */
  public Message message(long nowMs) {
    RoutingKey key = target.routingKey();
    Message dead =
        given.message.deadLettered(
            queue.name(),
            reason,
            target.exchange(),
            key == null ? given.message.routingKey() : key,
            nowMs);
    return said == null ? dead : dead.annotated(dead.annotations().withRejection(said)); // MAP-15
  }

  /** Returns whether the store has it in the queue. */
  public boolean stored() {
    return given.sequence != 0;
  }

  /**
   * It has to wait: if the broker stops meanwhile, the next one finds it in the queue, and has to
   * know whether it was delivered.
   */
  public void waits() {
    boolean delivered = given.redelivered || reason == Death.Reason.REJECTED;
    if (delivered && stored() && !noted) {
      noted = true;
      queue.past().known().add(given.sequence);
    }
  }

  /** Adds to the loop's batch that it is in the queue no more. */
  public void settle() {
    Departure.settle(queue, given);
    if (noted) {
      queue.past().known().take(given.sequence);
    }
  }

  /** It has gone where it was to go, or nowhere. */
  public void gone() {
    given.gone(queue.held());
    if (kept()) {
      queue.givenUp().gone(given);
    }
  }
}
