package io.carrick.spi;

import org.jspecify.annotations.Nullable;

/**
 * A session's part in a queue that is not its own. Immutable.
 *
 * @param queue the queue's name
 * @param attachment what the session joined with
 * @param joined whether it gets new messages; else it has left and only has something to finish
 */
public record Membership(String queue, @Nullable Object attachment, boolean joined) {}
