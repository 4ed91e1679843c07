package io.carrick.engine.delivery;

import io.carrick.Alarm;
import io.carrick.Limits;
import java.util.Map;

/** The account of a broker of which only parts are there. */
public final class TestMemory {

  private TestMemory() {}

  /** Makes an account with a watermark and nobody who hears of it. */
  public static Memory bounded(Limits limits) {
    return new Memory(
        limits,
        new Alarms(
            new Alarms.Watcher() {
              @Override
              public void raised(Alarm alarm, String why) {}

              @Override
              public void lowered(Alarm alarm) {}
            }),
        Map.of());
  }
}
