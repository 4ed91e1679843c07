/** How messages and definitions are kept, with the in-memory store. */
@NullMarked
package io.carrick.storage;

import org.jspecify.annotations.NullMarked;
