package io.carrick.engine;

import io.carrick.Binding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The bindings that lead to one queue or exchange. Guarded by the lock of the virtual host; the map
 * is made with the first binding.
 */
final class Destination {

  private @Nullable Map<Binding, Bound> bindings;

  /**
   * A binding as it is now. Immutable.
   *
   * @param binding with its attachment
   * @param id names it in the store; 0 if it is not stored
   */
  record Bound(Binding binding, long id) {}

  /** Notes a binding in place of an equal one. */
  void put(Bound bound) {
    if (bindings == null) {
      bindings = new HashMap<>(4);
    }
    bindings.put(bound.binding, bound);
  }

  Optional<Bound> remove(Binding binding) {
    return bindings == null ? Optional.empty() : Optional.ofNullable(bindings.remove(binding));
  }

  Optional<Bound> find(Binding binding) {
    return bindings == null ? Optional.empty() : Optional.ofNullable(bindings.get(binding));
  }

  boolean has(Binding binding) {
    return bindings != null && bindings.containsKey(binding);
  }

  List<Binding> all() {
    if (bindings == null) {
      return List.of();
    }
    var all = new ArrayList<Binding>(bindings.size());
    bindings.values().forEach(bound -> all.add(bound.binding));
    return all;
  }

  int count() {
    return bindings == null ? 0 : bindings.size();
  }
}
