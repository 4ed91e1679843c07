/** JMH benchmarks and load programs. */
@NullMarked
package io.carrick.benchmarks;

import org.jspecify.annotations.NullMarked;
