package io.carrick.engine;

import io.carrick.Binding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The bindings that lead to one queue or exchange. Guarded by the lock of the virtual host; the map
 * is made with the first binding.
 */
final class Destination {

  private @Nullable Map<Binding, Binding> bindings;

  /** Notes a binding; returns whether it is a new one. */
  boolean add(Binding binding) {
    if (bindings == null) {
      bindings = new HashMap<>(4);
    }
    return bindings.put(binding, binding) == null;
  }

  boolean remove(Binding binding) {
    return bindings != null && bindings.remove(binding) != null;
  }

  boolean has(Binding binding) {
    return bindings != null && bindings.containsKey(binding);
  }

  List<Binding> all() {
    return bindings == null ? List.of() : new ArrayList<>(bindings.keySet());
  }

  int count() {
    return bindings == null ? 0 : bindings.size();
  }
}
