package io.carrick.engine.extension;

import io.carrick.Alarm;
import io.carrick.Metrics;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.engine.delivery.Memory;
import io.carrick.spi.Counters;
import io.carrick.spi.HeldBytes.Kind;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** The counters of one broker by name. Thread-safe. */
public final class CounterRegistry implements Counters {

  private final ConcurrentHashMap<String, LongAdder> byName = new ConcurrentHashMap<>();

  @Override
  public Counter counter(String name) {
    return byName.computeIfAbsent(name, n -> new LongAdder())::add;
  }

  /** Returns all counters, those of the loops summed up, and what is held now. */
  public Metrics snapshot(List<LoopContext> loops, Memory memory, Policies policies) {
    var all = new TreeMap<String, Long>();
    policies.count(all);
    for (Kind kind : Kind.values()) {
      all.put("memory.held{kind=" + kind.text() + "}", memory.held(kind));
    }
    all.put("memory.watermark", memory.watermarkBytes());
    for (Alarm alarm : Alarm.values()) {
      all.put("alarm{alarm=" + alarm.text() + "}", memory.alarms().active(alarm) ? 1L : 0L);
      all.put("alarms.raised{alarm=" + alarm.text() + "}", 0L);
    }
    byName.forEach((name, adder) -> all.put(name, adder.sum()));
    for (Count count : Count.values()) {
      long sum = 0;
      for (LoopContext loop : loops) {
        sum += loop.counts().value(count);
      }
      all.merge(count.counterName(), sum, Long::sum);
    }
    return new Metrics(all);
  }
}
