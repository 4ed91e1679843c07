package io.carrick.engine;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.engine.delivery.Confirms;
import io.carrick.engine.delivery.Confirms.Pending;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.Answer;
import io.carrick.spi.AttachmentListener;
import io.carrick.spi.Loop.Timer;
import org.jspecify.annotations.Nullable;

/**
 * When a publisher's reads pause: while its byte credit is used up by messages on their way to
 * other loops, and for a bounded time when a consumer that it feeds is slow. Confined to the
 * publisher's loop.
 */
final class ReadPause implements Router.Publishing {

  private final LoopContext context;
  private final AttachmentListener listener;
  private final Confirms confirms;
  private final long creditBytes;
  private final long slowPauseMs;

  private long underWayBytes;
  private boolean outOfCredit;
  private boolean storeCongested;
  private @Nullable Timer slowPause;
  private boolean closed;

  ReadPause(LoopContext context, AttachmentListener listener, Confirms confirms, Limits limits) {
    this.context = context;
    this.listener = listener;
    this.confirms = confirms;
    this.creditBytes = limits.value(Limit.PUBLISHER_CREDIT_BYTES);
    this.slowPauseMs = limits.value(Limit.SLOW_CONSUMER_PAUSE_MS);
  }

  @Override
  public LoopContext home() {
    return context;
  }

  @Override
  public void handedOver(int bytes) {
    underWayBytes += bytes;
    if (underWayBytes > creditBytes && !outOfCredit) {
      boolean was = paused();
      outOfCredit = true;
      changed(was);
    }
  }

  @Override
  public void answered(int bytes, Answer answer, @Nullable Pending confirm) {
    underWayBytes -= bytes;
    if (closed) {
      return;
    }
    if (confirm != null) {
      confirms.answered(confirm, null);
    }
    if (answer == Answer.CONGESTED) {
      congested();
    }
    if (outOfCredit && underWayBytes <= creditBytes / 2) {
      boolean was = paused();
      outOfCredit = false;
      changed(was);
    }
  }

  @Override
  public void congested() {
    if (slowPause == null && !closed) {
      boolean was = paused();
      slowPause = context.loop().schedule(slowPauseMs, this::relieved);
      changed(was);
    }
  }

  @Override
  public void relieved() {
    Timer timer = slowPause;
    if (timer != null) {
      boolean was = paused();
      timer.cancel();
      slowPause = null;
      changed(was);
    }
  }

  @Override
  public void storeCongested() {
    if (!storeCongested && !closed) {
      boolean was = paused();
      storeCongested = true;
      changed(was);
      context.whenStoreRelieved(this::storeRelieved);
    }
  }

  private void storeRelieved() {
    boolean was = paused();
    storeCongested = false;
    changed(was);
  }

  private boolean paused() {
    return outOfCredit || storeCongested || slowPause != null;
  }

  private void changed(boolean was) {
    if (closed || was == paused()) {
      return;
    }
    if (was) {
      listener.resumeReading();
    } else {
      listener.pauseReading();
    }
  }

  void close() {
    closed = true;
    Timer timer = slowPause;
    if (timer != null) {
      timer.cancel();
      slowPause = null;
    }
  }
}
