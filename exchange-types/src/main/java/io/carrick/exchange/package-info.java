/**
 * RabbitMQ's further types of exchange, each a class on the public extension points.
 *
 * <p>{@link io.carrick.exchange.ExchangeTypes} is the only public type.
 */
@NullMarked
package io.carrick.exchange;

import org.jspecify.annotations.NullMarked;
