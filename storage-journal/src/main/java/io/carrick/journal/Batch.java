package io.carrick.journal;

import java.util.List;

/**
 * What one loop submits at once. Immutable, except for the headers of its blocks, which belong to
 * the writer.
 *
 * @param blocks in order
 * @param bytes of all blocks
 * @param floor the lowest sequence that waits for this batch
 * @param force whether somebody may wait for it: not for mere settling
 */
record Batch(List<Block> blocks, long bytes, long floor, boolean force) {}
