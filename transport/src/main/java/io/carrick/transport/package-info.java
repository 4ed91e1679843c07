/** Loops, listeners, TLS, output buffers and the graceful stop, over Netty. */
@NullMarked
package io.carrick.transport;

import org.jspecify.annotations.NullMarked;
