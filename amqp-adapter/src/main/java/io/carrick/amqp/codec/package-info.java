/**
 * Frames, methods and field tables of AMQP 0-9-1, read and written.
 *
 * <p>What a peer may not send is an {@link io.carrick.amqp.codec.AmqpException} with the protocol's
 * reply code and no stack trace. Public for the adapter's other package alone: the module does not
 * export it.
 */
@NullMarked
package io.carrick.amqp.codec;

import org.jspecify.annotations.NullMarked;
