/**
 * Receipts: who has received a message, told to its publisher (MAP-18). Each is counted in the loop
 * that published its message; the others tell it what becomes of the copies in their queues. A
 * package of its own because it follows messages through all the rooms below.
 */
@NullMarked
package io.carrick.engine.receipt;

import org.jspecify.annotations.NullMarked;
