package io.carrick.engine.topology;

import io.carrick.Message;
import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;
import io.carrick.engine.definitions.Definitions;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.matching.TopicValues;
import io.carrick.spi.LastValueCursor;
import java.util.concurrent.atomic.LongAdder;

/**
 * The last value of every topic that has one, up to a bound that publishers racing for the last
 * places may pass by a few. Thread-safe: changes that are stored are guarded by {@code this}, so
 * that the store has the same last one; look-ups take no lock.
 */
public final class LastValues {

  /** A topic's place among the others. */
  private static final long ENTRY_BYTES = 100;

  private final String virtualHost;
  private final Definitions definitions;
  private final TopicValues<Message> values = new TopicValues<>();
  private final LongAdder bytes = new LongAdder();
  private final long most;

  LastValues(String virtualHost, Definitions definitions, long most) {
    this.virtualHost = virtualHost;
    this.definitions = definitions;
    this.most = most;
  }

  /**
   * Keeps a message as the last value of its topic; an empty payload clears it.
   *
   * @param here the loop that publishes
   * @return the store's sequence of the change, 0 if it is not stored
   * @throws PreconditionFailedException when there is no room
   */
  public long keep(Message message, LoopContext here) {
    if (!definitions.kept() || !here.storeTakes()) {
      keep(message);
      return 0;
    }
    String key = Definitions.lastValueKey(virtualHost, message.routingKey());
    if (message.payload().length == 0) {
      synchronized (this) {
        forget(message.routingKey());
        return definitions.deleteLastValue(here, key);
      }
    }
    byte[] record = definitions.lastValueRecord(virtualHost, message);
    synchronized (this) {
      keep(message);
      return definitions.lastValue(here, key, record);
    }
  }

  /** Keeps a message in memory alone. */
  public void keep(Message message) {
    RoutingKey topic = message.routingKey();
    if (message.payload().length == 0) {
      forget(topic);
      return;
    }
    if (values.size() >= most && values.get(topic).isEmpty()) {
      throw new PreconditionFailedException("no more last values");
    }
    bytes.add(memoryBytes(message));
    values.put(topic, message).ifPresent(before -> bytes.add(-memoryBytes(before)));
  }

  private void forget(RoutingKey topic) {
    values.remove(topic).ifPresent(gone -> bytes.add(-memoryBytes(gone)));
  }

  /** Clears the last value of one topic. */
  synchronized void clear(RoutingKey topic, LoopContext here) {
    forget(topic);
    definitions.deleteLastValue(here, Definitions.lastValueKey(virtualHost, topic));
  }

  private static long memoryBytes(Message message) {
    return ENTRY_BYTES + message.memoryBytes();
  }

  /** Returns how many bytes of memory the last values hold, about. */
  public long bytes() {
    return bytes.sum();
  }

  public LastValueCursor match(RoutingKey filter) {
    return values.find(filter)::next;
  }
}
