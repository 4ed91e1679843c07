package io.carrick.exchange;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/**
 * {@code x-recent-history}: each message goes to all bindings, and a destination that is bound gets
 * the last messages first: as many as the argument {@code x-recent-history-length} says. A message
 * with the header {@code x-recent-history-no-store} is not remembered. Stateless.
 */
final class RecentHistoryType implements ExchangeType {

  private static final String LENGTH = "x-recent-history-length";
  private static final String NO_STORE = "x-recent-history-no-store";
  private static final int LENGTH_BY_DEFAULT = 20;

  /** So many go to a new destination in one go, and twice as many are held in memory. */
  static final int LONGEST = 10_000;

  @Override
  public String name() {
    return "x-recent-history";
  }

  @Override
  public RoutingTable newTable(Map<String, Object> arguments) {
    return new Table(length(arguments.getOrDefault(LENGTH, LENGTH_BY_DEFAULT)));
  }

  private static int length(Object argument) {
    boolean whole =
        argument instanceof Long
            || argument instanceof Integer
            || argument instanceof Short
            || argument instanceof Byte;
    if (!whole || !(argument instanceof Number number) || number.longValue() < 1) {
      throw new PreconditionFailedException(
          "Invalid argument %s, '%s' must be a positive integer".formatted(argument, LENGTH));
    }
    if (number.longValue() > LONGEST) {
      throw new PreconditionFailedException(
          "Invalid argument %s, '%s' must be at most %d".formatted(argument, LENGTH, LONGEST));
    }
    return number.intValue();
  }

  /**
   * Bindings and messages in one reference, which is replaced when a message comes or a binding
   * changes: so each message is either remembered before a binding came, or routed to it. Read and
   * written by any thread without a lock.
   */
  private static final class Table implements RememberingTable {

    private final History history;
    private final AtomicReference<State> state =
        new AtomicReference<>(new State(new Binding[0], History.NOTHING));

    /** Immutable. */
    private record State(Binding[] bindings, History.Entry last) {}

    Table(int length) {
      this.history = new History(length);
    }

    @Override
    public void add(Binding binding) {
      added(binding);
    }

    @Override
    public List<Message> addAndRecall(Binding binding) {
      return history.before(added(binding).last);
    }

    private State added(Binding binding) {
      return changed(s -> new State(with(s.bindings, binding), s.last));
    }

    private State now() {
      return Objects.requireNonNull(state.get());
    }

    private State changed(UnaryOperator<State> change) {
      return Objects.requireNonNull(state.updateAndGet(change));
    }

    private static Binding[] with(Binding[] there, Binding added) {
      int at = Arrays.asList(there).indexOf(added);
      Binding[] changed = Arrays.copyOf(there, at < 0 ? there.length + 1 : there.length);
      changed[at < 0 ? there.length : at] = added;
      return changed;
    }

    @Override
    public void remove(Binding binding) {
      changed(s -> new State(without(s.bindings, binding), s.last));
    }

    private static Binding[] without(Binding[] there, Binding gone) {
      int at = Arrays.asList(there).indexOf(gone);
      if (at < 0) {
        return there;
      }
      Binding[] changed = Arrays.copyOf(there, there.length - 1);
      System.arraycopy(there, at + 1, changed, at, changed.length - at);
      return changed;
    }

    @Override
    public void route(RoutingKey key, Message message, MatchSink matched) {
      for (Binding binding : remembered(key, message).bindings) {
        matched.matched(binding);
      }
    }

    private State remembered(RoutingKey key, Message message) {
      boolean again = !key.equals(message.routingKey()); // by a further key of the message
      if (again || Boolean.TRUE.equals(message.properties().headers().get(NO_STORE))) {
        return now();
      }
      State after = changed(s -> new State(s.bindings, new History.Entry(message, s.last)));
      history.added(after.last);
      return after;
    }

    @Override
    public long heldBytes() {
      return history.heldBytes();
    }
  }
}
