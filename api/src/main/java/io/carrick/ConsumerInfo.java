package io.carrick;

/**
 * A consumer as it was at one moment. Immutable.
 *
 * @param connectionId {@link ConnectionInfo#id()} of its connection
 * @param queue the queue that it consumes
 * @param prefetch how many unsettled deliveries it takes, 0 for no limit
 * @param unsettled how many it has
 * @param active whether it gets messages; false for one that waits because its queue has a single
 *     active consumer
 */
public record ConsumerInfo(
    String connectionId, String queue, int prefetch, int unsettled, boolean active) {}
