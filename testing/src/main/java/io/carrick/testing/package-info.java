/**
 * What a test of a program with a broker in it needs.
 *
 * <p>{@link io.carrick.testing.BrokerExtension} starts a broker for a class or a test, on ports
 * that the system chooses and in time that stands still; {@link io.carrick.testing.MessageProbe}
 * collects what comes and proves that nothing else does.
 */
@NullMarked
package io.carrick.testing;

import org.jspecify.annotations.NullMarked;
