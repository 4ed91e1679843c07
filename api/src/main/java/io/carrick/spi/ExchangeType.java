package io.carrick.spi;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.RoutingKey;
import java.util.Map;

/** A way of matching messages with bindings, and nothing else. Stateless; thread-safe. */
public interface ExchangeType {

  /** Returns the name by which exchanges of this type are declared: {@code "x-consistent-hash"}. */
  String name();

  /**
   * Makes the table of a new exchange.
   *
   * @param arguments as declared
   * @throws io.carrick.PreconditionFailedException when the arguments make no sense
   */
  RoutingTable newTable(Map<String, Object> arguments);

  /**
   * The bindings of one exchange. {@link #add} and {@link #remove} are called by one thread at a
   * time, under the virtual host's lock; {@link #route} is called by any number of loops at the
   * same time, also during a change, and takes no lock: a change must become visible at once and
   * whole. It sees a binding that is being added or removed, or not.
   */
  interface RoutingTable {

    /**
     * Adds a binding, or replaces the equal one.
     *
     * @throws io.carrick.PreconditionFailedException when key or arguments make no sense; nothing
     *     has changed then
     */
    void add(Binding binding);

    /** Removes the equal binding. */
    void remove(Binding binding);

    /** Names every binding that the message matches, each once; allocates nothing if it can. */
    void route(RoutingKey key, Message message, MatchSink matched);
  }

  /** Takes the bindings that matched. */
  @FunctionalInterface
  interface MatchSink {
    /** Takes one. */
    void matched(Binding binding);
  }
}
