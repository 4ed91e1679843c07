package io.carrick.engine.topology;

import org.jspecify.annotations.Nullable;

/**
 * Where a binding leads to that has another attachment than most of its destination. Immutable, and
 * shared by such bindings.
 *
 * @param attachment the adapter's
 */
record AttachedTarget(Destination destination, @Nullable Object attachment) {}
