/**
 * What protocol adapters and extensions compile against: the port, the loops and the extension
 * points.
 */
@NullMarked
package io.carrick.spi;

import org.jspecify.annotations.NullMarked;
