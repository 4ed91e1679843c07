/**
 * What a protocol adapter needs of Netty: loops, ports, connections with their buffers, limits and
 * end.
 *
 * <p>An adapter binds a {@link io.carrick.transport.TransportEndpoint} and implements a {@link
 * io.carrick.transport.ConnectionHandler}. Everything of a connection happens in its loop: input
 * comes as one buffer with all unread bytes, output goes to an {@link
 * io.carrick.transport.OutputBuffer} that is flushed once a turn. {@link
 * io.carrick.transport.VirtualTime} runs the same loops for tests.
 */
@NullMarked
package io.carrick.transport;

import org.jspecify.annotations.NullMarked;
