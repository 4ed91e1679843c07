/** MQTT 3.1, 3.1.1 and 5.0, spoken to the broker through its port. */
@NullMarked
package io.carrick.mqtt;

import org.jspecify.annotations.NullMarked;
