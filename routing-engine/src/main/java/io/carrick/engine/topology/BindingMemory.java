package io.carrick.engine.topology;

import io.carrick.Binding;
import io.carrick.HeaderMemory;
import java.util.concurrent.atomic.LongAdder;

/** About how much memory the bindings of a virtual host hold. Thread-safe. */
final class BindingMemory {

  /** A binding, its key without the text, and its places in two tables. */
  private static final int BINDING_BYTES = 140;

  private final LongAdder bytes = new LongAdder();

  void bound(Binding binding) {
    bytes.add(bytes(binding));
  }

  void unbound(Binding binding) {
    bytes.add(-bytes(binding));
  }

  private static long bytes(Binding binding) {
    int arguments = binding.arguments().isEmpty() ? 0 : HeaderMemory.bytes(binding.arguments());
    return (long) BINDING_BYTES + binding.key().bytes().length + arguments;
  }

  long bytes() {
    return bytes.sum();
  }
}
