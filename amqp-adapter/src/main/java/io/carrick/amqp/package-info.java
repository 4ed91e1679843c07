/** AMQP 0-9-1 with RabbitMQ's extensions, spoken to the broker through its port. */
@NullMarked
package io.carrick.amqp;

import org.jspecify.annotations.NullMarked;
