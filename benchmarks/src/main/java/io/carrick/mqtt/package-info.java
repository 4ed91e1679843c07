/** Benchmarks of what the MQTT adapter keeps to its package. */
@NullMarked
package io.carrick.mqtt;

import org.jspecify.annotations.NullMarked;
