package io.carrick.engine.queue;

import io.carrick.spi.QueueDeclaration;

/**
 * What makes a queue this one. Immutable.
 *
 * @param id unique in the broker and its store
 * @param virtualHost where it is
 * @param declaration what it was declared as, with the name it really has
 */
public record QueueFacts(long id, String virtualHost, QueueDeclaration declaration) {}
