/** The AMQP wire format: bytes to values and back. */
@NullMarked
package io.carrick.amqp.codec;

import org.jspecify.annotations.NullMarked;
