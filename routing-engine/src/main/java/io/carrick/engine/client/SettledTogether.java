package io.carrick.engine.client;

import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.Feed;
import io.carrick.spi.Settlement;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one commit settles in queues of one loop, in order, for which the loop gets one command.
 * Confined to the client's loop until it is told, then to the queues'.
 */
final class SettledTogether {

  private static final int FIRST_SIZE = 16;

  private final LoopContext there;
  private @Nullable Feed[] feeds = new @Nullable Feed[FIRST_SIZE];
  private long[] ids = new long[FIRST_SIZE];

  /** How each is settled; null if it is accepted and the store has heard of it. */
  private @Nullable Settlement[] how = new @Nullable Settlement[FIRST_SIZE];

  private int count;

  /** Whether the queue stores something for it by itself. */
  private boolean queueStores;

  SettledTogether(LoopContext there) {
    this.there = there;
  }

  /** The queue gets something back, or gives it up. */
  void queueStores() {
    queueStores = true;
  }

  /** Adds the queue's loop to those that store something by themselves, if it does. */
  void addStoring(Set<LoopContext> loops) {
    if (queueStores) {
      loops.add(there);
    }
  }

  void add(Feed feed, long deliveryId, @Nullable Settlement settlement) {
    if (count == ids.length) {
      feeds = Arrays.copyOf(feeds, count * 2);
      ids = Arrays.copyOf(ids, count * 2);
      how = Arrays.copyOf(how, count * 2);
    }
    feeds[count] = feed;
    ids[count] = deliveryId;
    how[count] = settlement;
    count++;
  }

  /** Tells the queue, at once if it is one of this loop. */
  void tell(LoopContext home) {
    if (count > 0) {
      home.tell(there, this::settleAll);
    }
  }

  private void settleAll() {
    for (int i = 0; i < count; i++) {
      there.loop().worked(1);
      Feed feed = Objects.requireNonNull(feeds[i]);
      Settlement settlement = how[i];
      if (settlement == null) {
        feed.acceptStored(ids[i]);
      } else {
        feed.settle(ids[i], settlement);
      }
    }
  }
}
