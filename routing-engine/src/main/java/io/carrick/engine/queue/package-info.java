/**
 * Queues and their consumers, each confined to one loop. A package of its own because it knows
 * nothing of exchanges, virtual hosts or clients.
 */
@NullMarked
package io.carrick.engine.queue;

import org.jspecify.annotations.NullMarked;
