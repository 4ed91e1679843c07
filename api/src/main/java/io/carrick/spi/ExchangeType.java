package io.carrick.spi;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.RoutingKey;
import java.util.List;
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
   * Makes the table of a new exchange where its type is a way to use another one's. This is what
   * the broker calls; by default it is {@link #newTable(Map)}.
   *
   * @param arguments as declared
   * @param others makes tables of the broker's other types
   * @throws io.carrick.PreconditionFailedException when the arguments make no sense
   * @throws io.carrick.NotFoundException when they name a type that is not there
   */
  default RoutingTable newTable(Map<String, Object> arguments, Others others) {
    return newTable(arguments);
  }

  /** The types of a broker. Thread-safe. */
  @FunctionalInterface
  interface Others {

    /**
     * Makes an empty table.
     *
     * @param type the name of its type
     * @param arguments for it
     * @throws io.carrick.NotFoundException when there is no such type
     */
    RoutingTable newTable(String type, Map<String, Object> arguments);
  }

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

  /**
   * A table some of whose messages wait before they are routed. It only says for how long: the
   * broker keeps them, stored if they are persistent and the exchange is durable, confirms them
   * when it has them, and routes them when their time has come, each once.
   */
  interface DelayingTable extends RoutingTable {

    /**
     * Returns for how long a message is to wait. Called in any loop, for each message that comes to
     * the exchange and has not {@linkplain io.carrick.Annotations#waitedMs waited} yet, and again
     * while it waits: always alike for the same message.
     *
     * @return milliseconds of wall time from its arrival; 0 or less to route it now
     */
    long delayMs(Message message);
  }

  /** A table that remembers messages for destinations that are bound later. */
  interface RememberingTable extends RoutingTable {

    /**
     * Adds a binding that was not there, in place of {@link #add}. What is returned and what is
     * routed from then on are all messages that the destination is to have: none is in both, and
     * none between them is missing.
     *
     * @return what the destination gets first, in order
     * @throws io.carrick.PreconditionFailedException as {@link #add} does
     */
    List<Message> addAndRecall(Binding binding);

    /** Returns about how many bytes of memory the messages hold; from any thread. */
    long heldBytes();
  }

  /** Takes the bindings that matched. */
  @FunctionalInterface
  interface MatchSink {
    /** Takes one. */
    void matched(Binding binding);
  }
}
