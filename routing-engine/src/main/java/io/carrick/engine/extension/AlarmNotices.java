package io.carrick.engine.extension;

import io.carrick.Alarm;
import io.carrick.engine.delivery.Alarms;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log, the counters and the listeners of alarms. One that comes and goes many times a
 * minute is not logged each time. Guarded by the lock of the alarms.
 */
public final class AlarmNotices implements Alarms.Watcher {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.engine");
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Policies policies;
  private final CounterRegistry counters;
  private final LongSupplier nanoTime;
  private final Set<Alarm> logged = EnumSet.noneOf(Alarm.class);
  private final long[] loggedAtNanos = new long[Alarm.values().length];
  private final boolean[] everLogged = new boolean[Alarm.values().length];

  /**
   * Makes the notices of one broker.
   *
   * @param nanoTime a loop's monotonic clock
   */
  public AlarmNotices(Policies policies, CounterRegistry counters, LongSupplier nanoTime) {
    this.policies = policies;
    this.counters = counters;
    this.nanoTime = nanoTime;
  }

  @Override
  public void raised(Alarm alarm, String why) {
    counters.counter("alarms.raised{alarm=" + alarm.text() + "}").add();
    if (mayLog(alarm)) {
      logged.add(alarm);
      log.warn("low on {}, publishers have to wait: {}", alarm.text(), why);
    }
    policies.alarm(alarm);
  }

  private boolean mayLog(Alarm alarm) {
    int i = alarm.ordinal();
    long now = nanoTime.getAsLong();
    if (everLogged[i] && now - loggedAtNanos[i] < QUIET_NANOS) {
      return false;
    }
    everLogged[i] = true;
    loggedAtNanos[i] = now;
    return true;
  }

  @Override
  public void lowered(Alarm alarm) {
    if (logged.remove(alarm)) {
      log.info("not low on {} any more, publishers go on", alarm.text());
    }
    policies.alarmOver(alarm);
  }
}
