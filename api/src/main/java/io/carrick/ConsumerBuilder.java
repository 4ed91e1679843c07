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

  /**
   * Where to begin in a stream (default: {@link StreamOffset#next()}). Each delivery tells where it
   * is ({@link Annotations#streamOffset()}); settling only makes room for the next, whichever way.
   */
  ConsumerBuilder fromOffset(StreamOffset offset);

  /** Which messages of a stream to take (default: all). */
  ConsumerBuilder filter(StreamFilter filter);

  /** Where handlers run, one at a time for a subscription (default: a worker of the broker). */
  ConsumerBuilder executor(Executor executor);

  /**
   * Starts consuming.
   *
   * @throws NotFoundException when the queue or exchange does not exist
   * @throws ResourceLockedException when another client owns the queue exclusively
   * @throws AccessRefusedException when an exclusive consumer is there, or this one wants to be and
   *     others are
   * @throws PreconditionFailedException when an offset or a filter is given for what is no stream
   * @throws NotSupportedException when a stream is to be consumed with {@link #autoAccept}
   */
  Subscription start(DeliveryHandler handler);
}
