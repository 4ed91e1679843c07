/**
 * The durable embedded store: one write-ahead log for all queues and definitions, an image of what
 * is live in its older part, and files of their own for queues that do not fit memory.
 */
@NullMarked
package io.carrick.journal;

import org.jspecify.annotations.NullMarked;
