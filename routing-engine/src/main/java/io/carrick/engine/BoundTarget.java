package io.carrick.engine;

import io.carrick.Binding;
import org.jspecify.annotations.Nullable;

/**
 * What the engine attaches to a binding in a routing table: the destination itself, so that no name
 * is looked up for a message. Immutable, and shared by the bindings of a destination.
 *
 * @param queue the destination if it is a queue
 * @param exchange the destination if it is an exchange
 * @param attachment the adapter's
 */
record BoundTarget(
    @Nullable QueueEntry queue, @Nullable Exchange exchange, @Nullable Object attachment) {

  /**
   * Returns a binding as the table of its source and its destination keep it: one object for both,
   * with nothing in it that another has too, since there may be millions.
   */
  Binding bound(Exchange source, Binding binding) {
    return new Binding(
        source.name(),
        binding.target(),
        name(),
        binding.key().compact(),
        binding.arguments(),
        this);
  }

  private String name() {
    if (queue != null) {
      return queue.queue.name();
    }
    return exchange == null ? "" : exchange.name();
  }

  /** Returns where a binding leads to that comes out of a table. */
  static BoundTarget of(Binding bound) {
    if (bound.attachment() instanceof BoundTarget target) {
      return target;
    }
    throw new IllegalStateException("a routing table must give back the binding it was given");
  }
}
