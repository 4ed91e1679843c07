/**
 * How messages and definitions are kept, and the store in memory.
 *
 * <p>A store is asynchronous and batch-first: each loop fills an {@link
 * io.carrick.storage.Appender} and submits it once a turn, the store moves one number, {@link
 * io.carrick.storage.MessageStore#durableSequence()}, and whoever waits compares with it. A {@link
 * io.carrick.storage.QueueLog} holds what does not fit a queue's window in memory, and a {@link
 * io.carrick.storage.StreamLog} all that a stream has.
 */
@NullMarked
package io.carrick.storage;

import org.jspecify.annotations.NullMarked;
