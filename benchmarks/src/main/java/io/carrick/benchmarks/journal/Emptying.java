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
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Consumes numbered messages of a queue, checks that each comes once and in order, and settles
 * them. Confined to its loop, except {@link #done()}.
 */
final class Emptying implements AttachmentListener, DeliverySink {

  private static final int PREFETCH = 1_000;

  private final String queue;
  private final long wanted;
  private final CompletableFuture<Long> done = new CompletableFuture<>();
  private final Runnable settleAll = this::settleAll;
  private final long[] unsettled = new long[PREFETCH];

  private @Nullable Attachment attachment;
  private @Nullable Consumption consumption;
  private int unsettledCount;
  private boolean settleAsked;
  private long received;

  Emptying(String queue, long wanted) {
    this.queue = queue;
    this.wanted = wanted;
  }

  /** Completes with how many came; fails if one was not the next. */
  CompletableFuture<Long> done() {
    return done;
  }

  void start(Attachment with) {
    attachment = with;
    with.consume(
        new ConsumeRequest(queue, false, Mode.SHARED, PREFETCH, 0),
        this,
        Port.then(
            done,
            started -> {
              consumption = started;
              askSettling();
            }));
  }

  private Attachment attachment() {
    return java.util.Objects.requireNonNull(attachment);
  }

  @Override
  public void deliver(long deliveryId, Message message, @Nullable Object tag, boolean redelivered) {
    long number = ByteBuffer.wrap(message.payload()).getLong();
    if (number != received) {
      done.completeExceptionally(
          new IllegalStateException("message " + number + " came where " + received + " was due"));
    }
    received++;
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
    int count = unsettledCount;
    long[] ids = java.util.Arrays.copyOf(unsettled, count);
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
    done.completeExceptionally(new IllegalStateException("the consumer has ended: " + why));
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
  public void pauseReading() {
    // Nothing is published here.
  }

  @Override
  public void resumeReading() {
    // Nothing is published here.
  }

  @Override
  public void closeRequested(CloseReason reason, String text) {
    attachment().close();
  }
}
