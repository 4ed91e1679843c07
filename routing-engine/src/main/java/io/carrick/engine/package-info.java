/** The broker: {@link io.carrick.engine.EmbeddedBroker} builds and starts it. */
@NullMarked
package io.carrick.engine;

import org.jspecify.annotations.NullMarked;
