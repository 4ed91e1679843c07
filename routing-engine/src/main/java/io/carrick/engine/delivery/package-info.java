/** The delivery-guarantee core: the one place that knows what is outstanding. */
@NullMarked
package io.carrick.engine.delivery;

import org.jspecify.annotations.NullMarked;
