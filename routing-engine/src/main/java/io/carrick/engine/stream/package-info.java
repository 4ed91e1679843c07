/**
 * Queues that keep what is consumed: messages by offset, and readers that each are somewhere in
 * them. A package of its own because nothing of a queue's order, redelivery and settling is true
 * here; what both have in common, a name, a home and an owner, is the queue's.
 *
 * <ul>
 *   <li>{@code LoggedStream} gives out offsets and says up to where they are safe; {@code Tail} has
 *       the last messages in memory, the store's {@code StreamLog} has all.
 *   <li>{@code Reader} is one consumer with its place; {@code ReadAhead} is what it has got from
 *       the log.
 *   <li>{@code Segments} says what is dropped, by {@code StreamSettings}.
 * </ul>
 */
@NullMarked
package io.carrick.engine.stream;

import org.jspecify.annotations.NullMarked;
