/**
 * AMQP 0-9-1, as RabbitMQ and its clients speak it, on the port.
 *
 * <p>{@link io.carrick.amqp.Amqp} is the only public type. A connection finds frames and hands them
 * to the handshake or to a channel; a channel passes methods to one handler for each class and
 * keeps later frames waiting while the broker has not answered.
 */
@NullMarked
package io.carrick.amqp;

import org.jspecify.annotations.NullMarked;
