/**
 * Who follows messages from their arrival on, because somebody wants to see what becomes of them. A
 * package of its own because it hears of all rooms and is known to those alone that let messages
 * in.
 */
@NullMarked
package io.carrick.engine.tracing;

import org.jspecify.annotations.NullMarked;
