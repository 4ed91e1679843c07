/**
 * Loops that are plain threads, and threads for what may block. A package of its own because
 * nothing here knows a broker.
 */
@NullMarked
package io.carrick.engine.loop;

import org.jspecify.annotations.NullMarked;
