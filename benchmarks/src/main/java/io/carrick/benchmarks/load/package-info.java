/**
 * The load program: measures any MQTT or AMQP 0-9-1 broker from outside, by host and port, with
 * sockets and bytes of its own.
 */
@NullMarked
package io.carrick.benchmarks.load;

import org.jspecify.annotations.NullMarked;
