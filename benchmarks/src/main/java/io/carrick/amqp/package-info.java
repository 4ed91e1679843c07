/** Benchmarks of what the AMQP adapter keeps to its package. */
@NullMarked
package io.carrick.amqp;

import org.jspecify.annotations.NullMarked;
