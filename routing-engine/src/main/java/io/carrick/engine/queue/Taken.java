package io.carrick.engine.queue;

import io.carrick.Message;

/**
 * What {@link Consumers#take} found. Immutable.
 *
 * @param deliveryId names it when it is settled
 * @param message the message
 * @param redelivered whether it may have been delivered before
 * @param remaining ready messages left
 */
public record Taken(long deliveryId, Message message, boolean redelivered, long remaining) {}
