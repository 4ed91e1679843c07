/**
 * A walk over the bridge between MQTT and AMQP with real clients of both, one class for each thing
 * to see: start with {@link io.carrick.examples.tour.BridgeTour}.
 */
@NullMarked
package io.carrick.examples.tour;

import org.jspecify.annotations.NullMarked;
