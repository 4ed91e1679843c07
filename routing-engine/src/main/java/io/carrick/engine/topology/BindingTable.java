package io.carrick.engine.topology;

import io.carrick.Binding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Bindings that lead to one destination, each the object that its source's table has. Guarded by
 * the lock of the virtual host.
 *
 * <p>Open addressing, since there may be millions.
 */
final class BindingTable {

  private static final @Nullable Binding[] NONE = {};
  private static final int SMALLEST = 2;

  /** By hash, the next free slot if that is taken; at most three quarters of them are used. */
  private @Nullable Binding[] slots = NONE;

  /** What names the binding of a slot in the store, 0 if nothing does; null until one is stored. */
  private long @Nullable [] ids;

  private int count;

  /** The last of what the destination does not attach to most bindings. */
  private @Nullable AttachedTarget target;

  /** Returns an equal target that other bindings have, if the last one had such: most do. */
  AttachedTarget shared(AttachedTarget wanted) {
    AttachedTarget last = target;
    if (last == null || !last.equals(wanted)) {
      last = wanted;
      target = last;
    }
    return last;
  }

  /**
   * Notes a binding in place of an equal one.
   *
   * @param id names it in the store; 0 if it is not stored
   */
  void put(Binding binding, long id) {
    int slot = slotOf(binding);
    if (slot < 0) {
      if ((count + 1) * 4 > slots.length * 3) {
        resize(Math.max(SMALLEST, slots.length * 2));
      }
      slot = freeSlot(binding);
      count++;
    }
    set(slot, binding, id);
  }

  /** Forgets the equal binding and returns what names it in the store, 0 if nothing does. */
  long remove(Binding binding) {
    int slot = slotOf(binding);
    if (slot < 0) {
      return 0;
    }
    final long id = id(slot);
    set(slot, null, 0);
    count--;
    closeGap(slot);
    if (count == 0) {
      slots = NONE;
      ids = null;
      target = null;
    } else if (count * 8 < slots.length) {
      resize(slots.length / 2);
    }
    return id;
  }

  /** Moves what would not be found behind a slot that has become free. */
  private void closeGap(int free) {
    int mask = slots.length - 1;
    int gap = free;
    int at = (gap + 1) & mask;
    for (Binding next = slots[at]; next != null; next = slots[at]) {
      int wanted = hash(next) & mask;
      if (((at - wanted) & mask) >= ((at - gap) & mask)) {
        set(gap, next, id(at));
        set(at, null, 0);
        gap = at;
      }
      at = (at + 1) & mask;
    }
  }

  /** Returns the equal binding. */
  Optional<Binding> find(Binding binding) {
    int slot = slotOf(binding);
    return slot < 0 ? Optional.empty() : Optional.ofNullable(slots[slot]);
  }

  /** Returns what names the equal binding in the store, 0 if nothing does. */
  long idOf(Binding binding) {
    int slot = slotOf(binding);
    return slot < 0 ? 0 : id(slot);
  }

  boolean has(Binding binding) {
    return slotOf(binding) >= 0;
  }

  List<Binding> all() {
    return some(count);
  }

  /** Returns so many of them, if there are as many. */
  List<Binding> some(int most) {
    var some = new ArrayList<Binding>(Math.min(most, count));
    for (int i = 0; i < slots.length && some.size() < most; i++) {
      Binding binding = slots[i];
      if (binding != null) {
        some.add(binding);
      }
    }
    return some;
  }

  /**
   * Shows some of them.
   *
   * @param from the place to begin at; after a change others may be there
   * @param most how many places to look at
   * @return the place to go on at, or -1 after the last
   */
  int show(int from, int most, Consumer<Binding> into) {
    int end = Math.min(slots.length, from + most);
    for (int i = from; i < end; i++) {
      Binding binding = slots[i];
      if (binding != null) {
        into.accept(binding);
      }
    }
    return end < slots.length ? end : -1;
  }

  int count() {
    return count;
  }

  private int slotOf(Binding binding) {
    int mask = slots.length - 1;
    if (mask < 0) {
      return -1;
    }
    int at = hash(binding) & mask;
    for (Binding there = slots[at]; there != null; there = slots[at]) {
      if (there.equals(binding)) {
        return at;
      }
      at = (at + 1) & mask;
    }
    return -1;
  }

  private int freeSlot(Binding binding) {
    int mask = slots.length - 1;
    int at = hash(binding) & mask;
    while (slots[at] != null) {
      at = (at + 1) & mask;
    }
    return at;
  }

  private static int hash(Binding binding) {
    int hash = binding.hashCode() * 0x9E3779B1;
    return hash ^ (hash >>> 16);
  }

  private void set(int slot, @Nullable Binding binding, long id) {
    slots[slot] = binding;
    if (ids == null && id != 0) {
      ids = new long[slots.length];
    }
    if (ids != null) {
      ids[slot] = id;
    }
  }

  private long id(int slot) {
    return ids == null ? 0 : ids[slot];
  }

  private void resize(int length) {
    @Nullable Binding[] before = slots;
    long[] idsBefore = ids;
    slots = new Binding[length];
    ids = idsBefore == null ? null : new long[length];
    for (int i = 0; i < before.length; i++) {
      Binding binding = before[i];
      if (binding != null) {
        set(freeSlot(binding), binding, idsBefore == null ? 0 : idsBefore[i]);
      }
    }
  }
}
