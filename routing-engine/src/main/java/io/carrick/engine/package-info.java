/** The embedded broker and its virtual hosts. */
@NullMarked
package io.carrick.engine;

import org.jspecify.annotations.NullMarked;
