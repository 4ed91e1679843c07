/**
 * MQTT 3.1, 3.1.1 and 5.0 on the port.
 *
 * <p>{@link io.carrick.mqtt.Mqtt} is the only public type. A connection passes packets to handlers,
 * one for each direction and one for subscriptions; a session is a queue of the engine with the
 * packet identifiers beside it.
 */
@NullMarked
package io.carrick.mqtt;

import org.jspecify.annotations.NullMarked;
