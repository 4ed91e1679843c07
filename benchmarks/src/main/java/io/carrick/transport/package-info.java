/** Benchmarks of output, and a connection whose peer takes everything. */
@NullMarked
package io.carrick.transport;

import org.jspecify.annotations.NullMarked;
