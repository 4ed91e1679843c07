package io.carrick.exchange;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType.MatchSink;
import io.carrick.spi.ExchangeType.RoutingTable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.TreeMap;

/**
 * Bindings of which each message gets one. They are in an order of their own, not in that of their
 * coming, so that after a restart each is where it was. Written by one thread at a time under the
 * virtual host's lock, which puts a new array in the place of the old one; read by any without a
 * lock.
 */
final class OneOfMany implements RoutingTable {

  private static final Comparator<Binding> ORDER =
      Comparator.comparing(Binding::target)
          .thenComparing(Binding::destination)
          .thenComparing(binding -> binding.key().asKey())
          .thenComparing(binding -> new TreeMap<>(binding.arguments()).toString());

  private final Choice choice;
  private volatile Binding[] bindings = {};

  /** Chooses one. Called in any loop. */
  @FunctionalInterface
  interface Choice {

    /**
     * Chooses.
     *
     * @param count how many there are, one at least
     * @return below {@code count}
     */
    int of(int count, RoutingKey key);
  }

  OneOfMany(Choice choice) {
    this.choice = choice;
  }

  @Override
  public void add(Binding binding) {
    Binding[] there = bindings;
    int at = find(binding);
    Binding[] changed;
    if (at >= 0) {
      changed = there.clone();
    } else {
      at = place(binding);
      changed = Arrays.copyOf(there, there.length + 1);
      System.arraycopy(there, at, changed, at + 1, there.length - at);
    }
    changed[at] = binding;
    bindings = changed;
  }

  @Override
  public void remove(Binding binding) {
    Binding[] there = bindings;
    int at = find(binding);
    if (at >= 0) {
      Binding[] changed = Arrays.copyOf(there, there.length - 1);
      System.arraycopy(there, at + 1, changed, at, changed.length - at);
      bindings = changed;
    }
  }

  /** Returns where the equal binding is, -1 if nowhere. */
  private int find(Binding binding) {
    Binding[] there = bindings;
    for (int i = 0; i < there.length; i++) {
      if (there[i].equals(binding)) {
        return i;
      }
    }
    return -1;
  }

  private int place(Binding binding) {
    int at = Arrays.binarySearch(bindings, binding, ORDER);
    return at < 0 ? -at - 1 : at;
  }

  @Override
  public void route(RoutingKey key, Message message, MatchSink matched) {
    Binding[] there = bindings;
    if (there.length > 0) {
      matched.matched(there[choice.of(there.length, key)]);
    }
  }
}
