package io.carrick.spi;

import io.carrick.spi.QueueDeclaration.SessionQueue;

/** A session of which nothing is known but what its queue needs. Immutable. */
record PlainSessionQueue(String name, Admission admission) implements SessionQueue {}
