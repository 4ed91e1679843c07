package io.carrick.engine;

import org.jspecify.annotations.Nullable;

/**
 * What the engine attaches to a binding in a routing table: the destination itself, so that no name
 * is looked up for a message. Immutable.
 *
 * @param queue the destination if it is a queue
 * @param exchange the destination if it is an exchange
 * @param attachment the adapter's
 */
record BoundTarget(
    @Nullable QueueEntry queue, @Nullable Exchange exchange, @Nullable Object attachment) {}
