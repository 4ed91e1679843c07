/** How messages and definitions are kept, and the store in memory. */
@NullMarked
package io.carrick.storage;

import org.jspecify.annotations.NullMarked;
