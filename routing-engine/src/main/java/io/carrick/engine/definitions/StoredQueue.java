package io.carrick.engine.definitions;

import io.carrick.spi.QueueDeclaration;

/**
 * A durable queue as the store has it, under its id. Immutable.
 *
 * @param virtualHost where it is
 * @param declaration what it was declared as, with the name it really has
 */
public record StoredQueue(String virtualHost, QueueDeclaration declaration) {}
