package io.carrick.examples;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * {@code x-consistent-hash}, as users of RabbitMQ know it: each message goes to one of the bound
 * destinations, the same one for the same routing key; the binding key is a weight, a number from 1
 * on. With the argument {@code hash-header} or {@code hash-property} an exchange looks at a header
 * or at {@code message_id}, {@code correlation_id} or {@code timestamp} instead of the routing key;
 * messages without it all go to one destination. Stateless.
 *
 * <p>It is written against the extension interfaces alone. A destination's chance for a key is
 * drawn from the two hashes, and the best one wins ("weighted rendezvous"): a destination that
 * comes takes keys from the others in proportion and none moves between those, and a destination
 * that goes leaves its keys to them. A destination bound more than once counts with its greatest
 * weight.
 */
public final class ConsistentHashType implements ExchangeType {

  @Override
  public String name() {
    return "x-consistent-hash";
  }

  @Override
  public RoutingTable newTable(Map<String, Object> arguments) {
    return new Table(HashInput.of(arguments));
  }

  /**
   * Written by one thread at a time under the virtual host's lock, which puts a new list in the
   * place of the old one; read by any without a lock.
   */
  private static final class Table implements RoutingTable {

    private final HashInput input;
    private volatile List<Candidate> candidates = List.of();

    Table(HashInput input) {
      this.input = input;
    }

    @Override
    public void add(Binding binding) {
      Candidate added = Candidate.of(binding);
      List<Candidate> changed = new ArrayList<>(candidates);
      changed.removeIf(present -> present.binding().equals(binding));
      changed.add(added);
      candidates = List.copyOf(changed);
    }

    @Override
    public void remove(Binding binding) {
      List<Candidate> changed = new ArrayList<>(candidates);
      changed.removeIf(present -> present.binding().equals(binding));
      candidates = List.copyOf(changed);
    }

    @Override
    public void route(RoutingKey key, Message message, MatchSink matched) {
      List<Candidate> all = candidates;
      if (all.isEmpty()) {
        return;
      }
      long hash = input.hash(key, message);
      Candidate best = all.get(0);
      double shortest = best.waitingTime(hash);
      for (int i = 1; i < all.size(); i++) {
        double time = all.get(i).waitingTime(hash);
        if (time < shortest) {
          best = all.get(i);
          shortest = time;
        }
      }
      matched.matched(best.binding());
    }
  }

  /** A binding that may win a key. Immutable. */
  private record Candidate(Binding binding, int weight, long seed) {

    static Candidate of(Binding binding) {
      long seed = HashInput.hash(binding.target() + " " + binding.destination());
      return new Candidate(binding, weight(binding.key().asKey()), seed);
    }

    private static int weight(String text) {
      try {
        int weight = Integer.parseInt(text);
        if (weight >= 1) {
          return weight;
        }
      } catch (NumberFormatException e) {
        // Said below, as for a number that is too small.
      }
      throw new PreconditionFailedException(
          "the binding key must be a weight, a number from 1 on, and not '" + text + "'");
    }

    /**
     * Draws, always alike for the same key, when this candidate would arrive that arrives {@code
     * weight} times in a unit of time: who has the double weight is first twice as often.
     */
    double waitingTime(long keyHash) {
      long drawn = HashInput.mix(keyHash ^ seed) >>> 11;
      double uniform = (drawn + 0.5) * 0x1p-53;
      return -Math.log(uniform) / weight;
    }
  }
}
