package io.carrick.engine.topology;

import io.carrick.Binding;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where bindings lead to: a queue or an exchange. In a routing table the destination itself is
 * attached to a binding, so that no name is looked up for a message. The bindings are guarded by
 * the lock of the virtual host.
 */
public abstract sealed class Destination permits QueueEntry, Exchange {

  private static final Object UNDECIDED = new Object();

  /** The only binding, unless the store has it: most destinations have just one. */
  private @Nullable Binding only;

  /** The bindings, if {@link #only} cannot hold them; else null. */
  private @Nullable BindingTable several;

  /**
   * What the adapter has attached to the first binding, and mostly to the others. Not changed after
   * that, since routing reads it without the lock.
   */
  private @Nullable Object attachment = UNDECIDED;

  public abstract String name();

  /** Returns whether it outlives the broker. */
  abstract boolean durable();

  /** The bindings are not what they were. */
  void bindingsChanged() {}

  // ---- what a routing table has of it

  /**
   * Returns a binding as the table of its source and this destination keep it: one object for both,
   * with nothing in it that another has too, since there may be millions.
   */
  Binding bound(Exchange source, Binding binding) {
    return new Binding(
        source.name(),
        binding.target(),
        name(),
        binding.key().compact(),
        binding.arguments(),
        target(binding.attachment()));
  }

  private Object target(@Nullable Object wanted) {
    if (attachment == UNDECIDED) {
      attachment = wanted;
    }
    if (Objects.equals(attachment, wanted)) {
      return this;
    }
    var other = new AttachedTarget(this, wanted);
    return several == null ? other : several.shared(other);
  }

  /** Returns where a binding leads to that comes out of a table. */
  public static Destination of(Binding bound) {
    if (bound.attachment() instanceof Destination destination) {
      return destination;
    }
    return attached(bound).destination();
  }

  /** Returns what the adapter has attached to a binding that comes out of a table. */
  public static @Nullable Object attachmentOf(Binding bound) {
    if (bound.attachment() instanceof Destination destination) {
      return destination.attachment;
    }
    return attached(bound).attachment();
  }

  private static AttachedTarget attached(Binding bound) {
    if (bound.attachment() instanceof AttachedTarget target) {
      return target;
    }
    throw new IllegalStateException("a routing table must give back the binding it was given");
  }

  // ---- its bindings

  /**
   * Notes a binding in place of an equal one.
   *
   * @param id names it in the store; 0 if it is not stored
   */
  void put(Binding binding, long id) {
    if (several == null && id == 0 && (only == null || only.equals(binding))) {
      only = binding;
      return;
    }
    if (several == null) {
      several = new BindingTable();
      if (only != null) {
        several.put(only, 0);
        only = null;
      }
    }
    several.put(binding, id);
  }

  /** Forgets the equal binding and returns what names it in the store, 0 if nothing does. */
  long remove(Binding binding) {
    if (several == null) {
      only = binding.equals(only) ? null : only;
      return 0;
    }
    long id = several.remove(binding);
    if (several.count() == 0) {
      several = null;
    }
    return id;
  }

  /** Returns the equal binding. */
  Optional<Binding> find(Binding binding) {
    if (several != null) {
      return several.find(binding);
    }
    return Optional.ofNullable(only).filter(binding::equals);
  }

  boolean has(Binding binding) {
    return several == null ? binding.equals(only) : several.has(binding);
  }

  /** Returns what names the equal binding in the store, 0 if nothing does. */
  long idOf(Binding binding) {
    return several == null ? 0 : several.idOf(binding);
  }

  /** Returns so many of them, if there are as many. */
  List<Binding> some(int most) {
    return several == null ? all() : several.some(most);
  }

  List<Binding> all() {
    if (several != null) {
      return several.all();
    }
    return only == null ? List.of() : List.of(only);
  }

  /**
   * Shows some bindings, without what is attached to them.
   *
   * @param from where to begin: 0, or what an earlier call returned
   * @param most how many places to look at
   * @return where to go on, or -1 after the last
   */
  int show(int from, int most, Consumer<Binding> into) {
    if (several != null) {
      return several.show(from, most, binding -> into.accept(plain(binding)));
    }
    if (only != null && from == 0) {
      into.accept(plain(only));
    }
    return -1;
  }

  private static Binding plain(Binding b) {
    return new Binding(b.exchange(), b.target(), b.destination(), b.key(), b.arguments(), null);
  }

  public int count() {
    if (several != null) {
      return several.count();
    }
    return only == null ? 0 : 1;
  }
}
