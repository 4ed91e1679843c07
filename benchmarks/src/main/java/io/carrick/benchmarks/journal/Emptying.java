package io.carrick.benchmarks.journal;

import io.carrick.Message;
import io.carrick.Refusal;
import io.carrick.spi.Attachment;
import io.carrick.spi.AttachmentListener;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.Consumption;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.Settlement;
import io.carrick.spi.StreamRead;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Consumes the numbered messages of some queues, checks that each comes once and in its queue's
 * order, and settles them. Confined to its loop, except {@link #done()}.
 */
final class Emptying implements AttachmentListener {

  private static final int PREFETCH = 1_000;

  private final List<String> queues;
  private final long wanted;
  private final @Nullable StreamRead read;
  private final CompletableFuture<Long> done = new CompletableFuture<>();

  private int priorities;
  private @Nullable Attachment attachment;
  private long received;

  Emptying(int queues, long wanted) {
    this(queues, wanted, null);
  }

  /**
   * Makes one that consumes streams.
   *
   * @param read how; null for queues of another kind
   */
  Emptying(int queues, long wanted, @Nullable StreamRead read) {
    this.queues = Filling.names(queues);
    this.wanted = wanted;
    this.read = read;
  }

  /** Expects messages whose numbers name their priority in turn, the highest first; 0: no. */
  Emptying byPriority(int number) {
    priorities = number;
    return this;
  }

  /** Returns the number that follows in a queue. */
  private long after(long number) {
    if (priorities == 0) {
      return number + queues.size();
    }
    return number + priorities < wanted ? number + priorities : number % priorities - 1;
  }

  /** Completes with how many came; fails if one was not the next. */
  CompletableFuture<Long> done() {
    return done;
  }

  void start(Attachment with) {
    attachment = with;
    for (int i = 0; i < queues.size(); i++) {
      var consumer = new Consumer(priorities == 0 ? i : priorities - 1);
      var request = new ConsumeRequest(queues.get(i), false, Mode.SHARED, PREFETCH, 0);
      with.consume(
          read == null ? request : request.reading(read),
          consumer,
          Port.then(done, consumer::started));
    }
  }

  private Attachment attachment() {
    return java.util.Objects.requireNonNull(attachment);
  }

  /** Consumes one queue. Confined to the loop. */
  private final class Consumer implements DeliverySink {

    private final Runnable settleAll = this::settleAll;
    private long[] unsettled = new long[16];
    private int unsettledCount;
    private long next;
    private @Nullable Consumption consumption;
    private boolean settleAsked;

    Consumer(long first) {
      next = first;
    }

    void started(Consumption started) {
      consumption = started;
      askSettling();
    }

    @Override
    public void deliver(
        long deliveryId, Message message, @Nullable Object tag, boolean redelivered) {
      long number = ByteBuffer.wrap(message.payload()).getLong();
      if (number != next) {
        done.completeExceptionally(
            new IllegalStateException("message " + number + " came where " + next + " was due"));
      }
      next = after(number);
      received++;
      if (unsettledCount == unsettled.length) {
        unsettled = Arrays.copyOf(unsettled, unsettledCount * 2);
      }
      unsettled[unsettledCount++] = deliveryId;
      askSettling();
    }

    private void askSettling() {
      if (!settleAsked && consumption != null) {
        settleAsked = true;
        attachment().loop().execute(settleAll);
      }
    }

    private void settleAll() {
      settleAsked = false;
      long[] ids = Arrays.copyOf(unsettled, unsettledCount);
      unsettledCount = 0;
      for (long id : ids) {
        java.util.Objects.requireNonNull(consumption).settle(id, Settlement.ACCEPT);
      }
      if (received >= wanted) {
        done.complete(received);
      }
    }

    @Override
    public void ended(End why) {
      done.completeExceptionally(new IllegalStateException("a consumer has ended: " + why));
    }
  }

  @Override
  public void accepted(long first, long last) {
    // Nothing is published here.
  }

  @Override
  public void refused(long first, long last, Refusal reason) {
    // Nothing is published here.
  }

  @Override
  public void pauseReading(Pause why) {
    // Nothing is published here.
  }

  @Override
  public void resumeReading(Pause why) {
    // Nothing is published here.
  }

  @Override
  public void closeRequested(CloseReason reason, String text) {
    attachment().close();
  }
}
