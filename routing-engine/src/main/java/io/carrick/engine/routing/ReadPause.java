package io.carrick.engine.routing;

import io.carrick.Alarm;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Refusal;
import io.carrick.engine.delivery.Confirms.Pending;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.Answer;
import io.carrick.spi.AttachmentListener;
import io.carrick.spi.AttachmentListener.Pause;
import io.carrick.spi.HeldBytes.Kind;
import io.carrick.spi.Loop.Timer;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/**
 * When a publisher's reads pause, and why: while its byte credit is used up by messages on their
 * way to other loops, for a bounded time when a consumer that it feeds is slow, while the store has
 * too much under way, and during an alarm. Confined to the publisher's loop.
 */
public final class ReadPause implements Router.Publishing {

  private final LoopContext context;
  private final AttachmentListener listener;
  private final long creditBytes;
  private final long slowPauseMs;
  private final Runnable alarmLowered = this::alarmLowered;

  private final EnumSet<Pause> pauses = EnumSet.noneOf(Pause.class);
  private long underWayBytes;
  private @Nullable Timer slowPause;
  private boolean closed;

  public ReadPause(LoopContext context, AttachmentListener listener, Limits limits) {
    this.context = context;
    this.listener = listener;
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
    context.held().add(Kind.UNDER_WAY, bytes);
    if (underWayBytes > creditBytes) {
      pause(Pause.CREDIT);
    }
  }

  @Override
  public void answered(int bytes, Answer answer, @Nullable Pending confirm) {
    underWayBytes -= bytes;
    context.held().add(Kind.UNDER_WAY, -bytes);
    if (closed) {
      return;
    }
    if (confirm != null) {
      confirm.answered(answer == Answer.REFUSED ? Refusal.LIMIT : null);
    }
    if (answer == Answer.CONGESTED) {
      congested();
    }
    if (underWayBytes <= creditBytes / 2) {
      resume(Pause.CREDIT);
    }
  }

  @Override
  public void congested() {
    if (slowPause == null && !closed) {
      slowPause = context.loop().schedule(slowPauseMs, this::relieved);
      pause(Pause.SLOW_CONSUMER);
    }
  }

  @Override
  public void relieved() {
    Timer timer = slowPause;
    if (timer != null) {
      timer.cancel();
      slowPause = null;
      resume(Pause.SLOW_CONSUMER);
    }
  }

  @Override
  public void storeCongested() {
    if (pause(Pause.STORE)) {
      context.whenStoreRelieved(() -> resume(Pause.STORE));
    }
  }

  @Override
  public void alarmed() {
    boolean more = false;
    for (Alarm alarm : context.alarms().all()) {
      more |= pause(of(alarm));
    }
    if (more) {
      context.whenAlarmLowered(alarmLowered);
    }
  }

  private void alarmLowered() {
    for (Alarm alarm : Alarm.values()) {
      if (!context.alarms().active(alarm)) {
        resume(of(alarm));
      } else if (pauses.contains(of(alarm))) {
        context.whenAlarmLowered(alarmLowered);
      }
    }
  }

  private static Pause of(Alarm alarm) {
    return switch (alarm) {
      case MEMORY -> Pause.MEMORY;
      case DISK -> Pause.DISK;
    };
  }

  /** Returns whether that is a new reason. */
  private boolean pause(Pause why) {
    if (closed || !pauses.add(why)) {
      return false;
    }
    listener.pauseReading(why);
    return true;
  }

  private void resume(Pause why) {
    if (pauses.remove(why) && !closed) {
      listener.resumeReading(why);
    }
  }

  public void close() {
    closed = true;
    context.forgetAlarm(alarmLowered);
    Timer timer = slowPause;
    if (timer != null) {
      timer.cancel();
      slowPause = null;
    }
  }
}
