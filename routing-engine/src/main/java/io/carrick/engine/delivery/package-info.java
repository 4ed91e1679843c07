/**
 * The delivery-guarantee core: what is outstanding, and the order in which loops tell each other. A
 * package of its own because queues and attachments both stand on it.
 */
@NullMarked
package io.carrick.engine.delivery;

import org.jspecify.annotations.NullMarked;
