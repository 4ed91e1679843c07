package io.carrick.engine.definitions;

import org.jspecify.annotations.Nullable;

/**
 * A session's part in a queue that several share, as the store has it under the ids of both queues.
 * Immutable.
 *
 * @param joined whether it gets new messages
 * @param attachment what its adapter attached
 */
public record StoredMember(boolean joined, @Nullable Object attachment) {}
