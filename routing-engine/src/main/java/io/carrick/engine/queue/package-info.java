/** Queues: what is ready, what is unsettled, and who is next. */
@NullMarked
package io.carrick.engine.queue;

import org.jspecify.annotations.NullMarked;
