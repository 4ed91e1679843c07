package io.carrick.engine.extension;

import io.carrick.spi.Authorizer.Action;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** How often permissions were not given, by what for. Thread-safe. */
final class Refusals {

  private final Map<Action, LongAdder> byAction = new EnumMap<>(Action.class);

  Refusals() {
    for (Action action : Action.values()) {
      byAction.put(action, new LongAdder());
    }
  }

  void add(Action action) {
    LongAdder counter = byAction.get(action);
    if (counter != null) {
      counter.increment();
    }
  }

  void count(Map<String, Long> counters) {
    byAction.forEach(
        (action, count) ->
            counters.put(
                "permissions.refused{action=" + action.name().toLowerCase(Locale.ROOT) + "}",
                count.sum()));
  }
}
