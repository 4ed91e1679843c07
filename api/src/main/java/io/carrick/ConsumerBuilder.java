package io.carrick;

import java.util.concurrent.Executor;

/** The description of a consumer, ending in {@link #start}. Confined to the calling thread. */
public interface ConsumerBuilder {

  /**
   * How many deliveries may be unsettled at a time (default 256, 1 to 65535).
   *
   * @throws IllegalArgumentException outside that range
   */
  ConsumerBuilder prefetch(int deliveries);

  /** Hands deliveries over as settled: a crash of the handler loses them. */
  ConsumerBuilder autoAccept();

  /** Leaves settling to the handler, which calls {@link Delivery#accept()} or another itself. */
  ConsumerBuilder manual();

  /** Keeps every other consumer away from the queue. */
  ConsumerBuilder exclusive();

  /** Where handlers run, one at a time for a subscription (default: a worker of the broker). */
  ConsumerBuilder executor(Executor executor);

  /**
   * Starts consuming.
   *
   * @throws NotFoundException when the queue or exchange does not exist
   * @throws ResourceLockedException when another client owns the queue exclusively
   * @throws AccessRefusedException when an exclusive consumer is there, or this one wants to be and
   *     others are
   */
  Subscription start(DeliveryHandler handler);
}
