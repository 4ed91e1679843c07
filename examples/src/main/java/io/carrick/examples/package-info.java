/** Programs that show the broker at work, each run as a test. */
@NullMarked
package io.carrick.examples;

import org.jspecify.annotations.NullMarked;
