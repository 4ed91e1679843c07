/**
 * The control of a running {@code serve}: what one process asks and the other does. A package of
 * its own because it knows the broker by its public face alone.
 */
@NullMarked
package io.carrick.examples.ctl;

import org.jspecify.annotations.NullMarked;
