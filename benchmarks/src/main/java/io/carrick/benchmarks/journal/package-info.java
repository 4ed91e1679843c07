/** Load on the durable store by itself, without a broker around it. */
@NullMarked
package io.carrick.benchmarks.journal;

import org.jspecify.annotations.NullMarked;
