/** What programs that use Carrick compile against. */
@NullMarked
package io.carrick;

import org.jspecify.annotations.NullMarked;
