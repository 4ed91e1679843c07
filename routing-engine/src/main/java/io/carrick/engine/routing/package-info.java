/**
 * The way of a message from its publisher to queues, and of their answers back. A package of its
 * own because it joins topology and queues, which do not know each other.
 */
@NullMarked
package io.carrick.engine.routing;

import org.jspecify.annotations.NullMarked;
