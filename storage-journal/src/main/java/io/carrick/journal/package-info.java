/**
 * The durable embedded store: one write-ahead log for all queues and definitions, an image of what
 * is live in its older part, and files of their own for queues that do not fit memory. It is one
 * package because every part of it knows the others' records; this is where to find what.
 *
 * <ul>
 *   <li>The way in: {@link io.carrick.journal.Journal} opens a {@code JournalStore}, which puts the
 *       rest together; {@link io.carrick.journal.JournalTool} looks at what no broker has open.
 *   <li>In the loops: {@code JournalAppender} makes of what a loop stores {@code Block}s in a
 *       {@code Batch}; {@code JournalQueueLog} hands messages beyond memory over, which are {@code
 *       Leaving}, sooner the more {@code Tails} there are. {@code Durability} says what is safe and
 *       wakes who waits for it.
 *   <li>In the writer's thread: {@code WalWriter} writes blocks to segments of a {@code
 *       SegmentPool}.
 *   <li>In the compactor's thread: {@code Compactor} follows the log; {@code LiveQueues}, {@code
 *       LiveQueue}, {@code SequenceRing} and {@code Ranges} know what is live; {@code ColdFile}
 *       with its {@code Chunk}s and {@code OpenFiles} are the files of queues, {@code SharedFiles}
 *       and {@code SharedFile} what several of them refer to, each of both a {@code BlockFile};
 *       {@code RecoveredMessages} and {@code LogPlaces} are what an earlier run has left, read
 *       through {@code LogFiles} and {@code FileWindow}.
 *   <li>Streams: {@code JournalStreamLog} in the loops, where {@code PlacedInBatch} notes offsets
 *       for the log; {@code LiveStream} with its {@code StreamFile}s in the compactor's thread;
 *       {@code StreamReader} in a thread of its own, which sees them in a {@code StreamView};
 *       {@code PlaceRuns} and {@code StreamRecord} for what comes after.
 *   <li>In the maintenance thread: {@code SegmentMaintenance} makes images with an {@code
 *       ImageWriter} by a {@code CheckpointPlan}, and copies for snapshots. These threads are all
 *       {@code Worker}s.
 *   <li>At the start: {@code Recovered} reads image and segments with {@code BlockScan}, which
 *       tells a torn tail from damage ({@code DamagedException}), and {@code LogRecords}.
 *   <li>On disk: {@code FileSystem} is the port to it and {@code DiskFileSystem} the disk; {@code
 *       LogFileNames}, {@code JournalIdentity}, {@code FileHeader}, {@code Block}, {@code
 *       LogRecords}, {@code LiveQueueRecord} are the form of what is there, {@code Output} and
 *       {@code Input} its numbers and texts.
 * </ul>
 *
 * <p>Tests begin with {@code CrashTest}: a run cut off behind every operation on its files.
 */
@NullMarked
package io.carrick.journal;

import org.jspecify.annotations.NullMarked;
