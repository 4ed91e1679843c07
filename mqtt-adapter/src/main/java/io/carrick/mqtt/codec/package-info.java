/**
 * Packets of MQTT, read from the receive buffer where they stand and written into the output
 * buffer.
 *
 * <p>What a peer may not send is a {@link io.carrick.mqtt.codec.MalformedPacketException} with a
 * reason code and no stack trace. Public for the adapter's other package alone: the module does not
 * export it.
 */
@NullMarked
package io.carrick.mqtt.codec;

import org.jspecify.annotations.NullMarked;
