/**
 * What programs that use Carrick compile against.
 *
 * <p>{@link io.carrick.Broker} is a running broker, {@link io.carrick.Client} a client inside this
 * JVM, {@link io.carrick.Message} what travels and {@link io.carrick.Limit} everything that is
 * bounded. What comes from here is immutable or thread-safe unless its first sentence says
 * otherwise; what the broker refuses is a {@link io.carrick.BrokerException}.
 */
@NullMarked
package io.carrick;

import org.jspecify.annotations.NullMarked;
