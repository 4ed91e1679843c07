package io.carrick.engine.topology;

import io.carrick.Binding;
import io.carrick.HeaderMemory;
import java.util.concurrent.atomic.LongAdder;

/**
 * About how much memory the bindings of a virtual host hold, and how many are subscriptions.
 * Thread-safe.
 */
final class BindingMemory {

  /** A binding, its key without the text, and its places in two tables. */
  private static final int BINDING_BYTES = 140;

  private final LongAdder bytes = new LongAdder();

  private final LongAdder subscriptions = new LongAdder();

  void bound(Binding binding, Destination to) {
    bytes.add(bytes(binding));
    subscriptions.add(isSubscription(to) ? 1 : 0);
  }

  void unbound(Binding binding, Destination from) {
    bytes.add(-bytes(binding));
    subscriptions.add(isSubscription(from) ? -1 : 0);
  }

  private static boolean isSubscription(Destination destination) {
    return destination instanceof QueueEntry queue && queue.isSession();
  }

  /** Returns how many bindings lead to sessions. */
  long subscriptions() {
    return subscriptions.sum();
  }

  private static long bytes(Binding binding) {
    int arguments = binding.arguments().isEmpty() ? 0 : HeaderMemory.bytes(binding.arguments());
    return (long) BINDING_BYTES + binding.key().bytes().length + arguments;
  }

  long bytes() {
    return bytes.sum();
  }
}
