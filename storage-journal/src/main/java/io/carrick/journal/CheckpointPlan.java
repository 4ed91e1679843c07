package io.carrick.journal;

import io.carrick.journal.DeadFiles.Dead;
import io.carrick.journal.LiveQueues.SealedSegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is live where a segment ends, so that an image can be made of it. Immutable, except for the
 * places that whoever makes the image fills in.
 *
 * @param image the number of the image to make: of the first segment that it does not cover
 * @param oldImage the number of the image that it replaces, 0 without
 * @param segments that it covers beside that, in order
 * @param lastSequence the highest that may have been given out
 * @param queues with anything live, by id
 * @param shared files with messages of several queues
 * @param dead files that are needed no more once there is the image
 */
record CheckpointPlan(
    long image,
    long oldImage,
    List<SealedSegment> segments,
    long lastSequence,
    Map<Long, QueuePlan> queues,
    List<SharedPart> shared,
    List<Dead> dead) {

  /** A shared file, and up to where something may refer to it. Immutable. */
  record SharedPart(SharedFile file, long end) {}

  /**
   * What there is of a stream. Immutable.
   *
   * @param record what it has in files
   * @param unsafe those files
   * @param places where messages are that only the log has, as far as they have an offset
   */
  record StreamPlan(StreamRecord record, List<StreamFile> unsafe, PlaceRuns places) {}

  /**
   * What is live of one queue. Immutable, except for the places.
   *
   * @param live sequences that only the log has, rising
   * @param unread those that an earlier run has left and nobody has read; null without any
   * @param newPlaces where the unread ones are in the image
   * @param settledEarlier settled in files and not noted there
   * @param files what the queue has in files of its own
   * @param unsafe those files
   * @param stream what there is beside of a stream; null of other queues
   */
  record QueuePlan(
      long[] live,
      @Nullable LogPlaces unread,
      LogPlaces newPlaces,
      Ranges settledEarlier,
      @Nullable LiveQueueRecord files,
      List<ColdFile> unsafe,
      @Nullable StreamPlan stream) {

    boolean has(long sequence) {
      return isUnread(sequence) || Arrays.binarySearch(live, sequence) >= 0;
    }

    private boolean isUnread(long sequence) {
      return unread != null && unread.contains(sequence);
    }

    void isAt(long sequence, long place, int payload) {
      if (isUnread(sequence)) {
        newPlaces.add(sequence, place, payload);
      }
    }

    private long lowest() {
      long lowest = unread == null ? Long.MAX_VALUE : unread.first();
      return live.length == 0 ? lowest : Math.min(lowest, live[0]);
    }
  }

  /** Returns the lowest live sequence that only the log has. */
  long lowestLive() {
    long lowest = Long.MAX_VALUE;
    for (QueuePlan queue : queues.values()) {
      lowest = Math.min(lowest, queue.lowest());
    }
    return lowest;
  }
}
