/**
 * Exchanges, queues, deliveries and the embedded broker; no socket, no protocol, no file.
 *
 * <p>{@link io.carrick.engine.EmbeddedBroker} is the only public type that is exported. A party
 * acts through its attachment, in its loop; a router matches, stores and hands over; queues belong
 * to one loop each and hear from the others by letter.
 */
@NullMarked
package io.carrick.engine;

import org.jspecify.annotations.NullMarked;
