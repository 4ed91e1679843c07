package io.carrick.engine;

import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.engine.routing.TopicValues;
import io.carrick.spi.LastValueCursor;

/**
 * The last value of every topic that has one, up to a bound that publishers racing for the last
 * places may pass by a few. Thread-safe.
 */
final class LastValues {

  private final TopicValues<Message> values = new TopicValues<>();
  private final long most;

  LastValues(long most) {
    this.most = most;
  }

  /**
   * Keeps a message as the last value of its topic; an empty payload clears it.
   *
   * @return whether there was room
   */
  boolean keep(Message message) {
    RoutingKey topic = message.routingKey();
    if (message.payload().length == 0) {
      values.remove(topic);
      return true;
    }
    if (values.size() >= most && values.get(topic).isEmpty()) {
      return false;
    }
    values.put(topic, message);
    return true;
  }

  LastValueCursor match(RoutingKey filter) {
    return values.find(filter)::next;
  }
}
