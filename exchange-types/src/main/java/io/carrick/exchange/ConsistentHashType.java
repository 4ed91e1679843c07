package io.carrick.exchange;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType;
import java.util.HashMap;
import java.util.Map;

/**
 * {@code x-consistent-hash}: each message goes to one of the bound destinations, the same one for
 * the same routing key; the binding key is a weight, a number from 1 on. With the argument {@code
 * hash-header} or {@code hash-property} a header or property decides instead. Stateless.
 *
 * <p>All hashes are in {@value #SLOTS} slots, and each slot belongs to the binding that has drawn
 * the best chance for it ("weighted rendezvous"). So a binding that comes takes slots from the
 * others in proportion and none moves between those, one that goes leaves its slots to them, and
 * the order in which they came does not matter. A message costs one look into an array however many
 * bindings there are. A weight costs nothing, however large.
 */
final class ConsistentHashType implements ExchangeType {

  /** With n bindings their shares differ by about {@code 100 * sqrt(n / SLOTS)} percent. */
  static final int SLOTS = 1 << 15;

  private static final int SLOT_BITS = Integer.numberOfTrailingZeros(SLOTS);

  @Override
  public String name() {
    return "x-consistent-hash";
  }

  @Override
  public RoutingTable newTable(Map<String, Object> arguments) {
    return new Table(HashInput.of(arguments));
  }

  /**
   * Written by one thread at a time under the virtual host's lock, which puts new slots in the
   * place of the old ones; read by any without a lock.
   */
  private static final class Table implements RoutingTable {

    private static final Contender[] NONE = {};

    private final HashInput input;

    /** All that are bound; only for who writes. */
    private final Map<Binding, Contender> contenders = new HashMap<>();

    /** Whose each slot is: none as long as nothing is bound, one for all of one binding. */
    private volatile Contender[] slots = NONE;

    Table(HashInput input) {
      this.input = input;
    }

    @Override
    public void add(Binding binding) {
      Contender added = Contender.of(binding);
      Contender before = contenders.remove(binding);
      contenders.put(binding, added);
      if (before != null) {
        slots = replaced(before, added);
      } else if (contenders.size() == 1) {
        slots = new Contender[] {added};
      } else {
        slots = challenged(added);
      }
    }

    private Contender[] replaced(Contender before, Contender after) {
      Contender[] changed = slots.clone();
      for (int i = 0; i < changed.length; i++) {
        if (changed[i] == before) {
          changed[i] = after;
        }
      }
      return changed;
    }

    private Contender[] challenged(Contender added) {
      Contender[] there = slots;
      var changed = new Contender[SLOTS];
      for (int i = 0; i < SLOTS; i++) {
        Contender owner = there[there.length == SLOTS ? i : 0];
        changed[i] = added.beats(owner, i) ? added : owner;
      }
      return changed;
    }

    @Override
    public void remove(Binding binding) {
      Contender gone = contenders.remove(binding);
      if (gone == null) {
        return;
      }
      if (contenders.size() <= 1) {
        slots = contenders.values().toArray(NONE);
        return;
      }
      Contender[] others = contenders.values().toArray(NONE);
      Contender[] changed = slots.clone();
      for (int i = 0; i < SLOTS; i++) {
        if (changed[i] == gone) {
          changed[i] = best(others, i);
        }
      }
      slots = changed;
    }

    private static Contender best(Contender[] all, int slot) {
      Contender best = all[0];
      for (Contender other : all) {
        if (other != best && other.beats(best, slot)) {
          best = other;
        }
      }
      return best;
    }

    @Override
    public void route(RoutingKey key, Message message, MatchSink matched) {
      Contender[] there = slots;
      if (there.length == SLOTS) {
        matched.matched(
            there[(int) (input.hash(key, message) >>> (Long.SIZE - SLOT_BITS))].binding);
      } else if (there.length == 1) {
        matched.matched(there[0].binding);
      }
    }
  }

  /** A binding that may have a slot. Immutable. */
  private static final class Contender {

    final Binding binding;
    private final int weight;
    private final long seed;

    private Contender(Binding binding, int weight, long seed) {
      this.binding = binding;
      this.weight = weight;
      this.seed = seed;
    }

    static Contender of(Binding binding) {
      int weight = Weight.of(binding.key());
      long destination = Hash.of(binding.destination());
      long seed = Hash.mix(destination + binding.target().ordinal() * 31L + weight * 961L);
      return new Contender(binding, weight, seed);
    }

    /** Draws, always alike for the same slot, a number below 2^53. */
    private long drawn(int slot) {
      return Hash.mix(seed + slot * 0x9E3779B97F4A7C15L) >>> 11;
    }

    /**
     * Returns whether this is the first of two to arrive at a slot, where each arrives {@code
     * weight} times in a unit of time: who has the double weight is first twice as often.
     */
    boolean beats(Contender other, int slot) {
      long mine = drawn(slot);
      long its = other.drawn(slot);
      return weight == other.weight ? mine > its : time(mine, weight) < time(its, other.weight);
    }

    private static double time(long drawn, int weight) {
      return -Math.log((drawn + 0.5) * 0x1p-53) / weight;
    }
  }
}
