/** The MQTT wire format: bytes to values and back. */
@NullMarked
package io.carrick.mqtt.codec;

import org.jspecify.annotations.NullMarked;
