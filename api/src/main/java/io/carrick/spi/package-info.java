/**
 * What protocol adapters and extensions compile against: the port, the loops and the extension
 * points.
 *
 * <p>{@link io.carrick.spi.Attachment} is the port through which every client acts. Everything of
 * one client happens in one {@link io.carrick.spi.Loop}, where nothing may block. The extension
 * points are small interfaces, each with its thread and its duties in its Javadoc: {@link
 * io.carrick.spi.ExchangeType}, {@link io.carrick.spi.Authenticator}, {@link
 * io.carrick.spi.Authorizer}, {@link io.carrick.spi.PublishInterceptor}, {@link
 * io.carrick.spi.BrokerListener}, {@link io.carrick.spi.ProtocolAdapter}.
 */
@NullMarked
package io.carrick.spi;

import org.jspecify.annotations.NullMarked;
