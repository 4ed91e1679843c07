package io.carrick;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * That a queue has given a message up to its dead letter exchange, for one reason, once or more
 * often: an entry of RabbitMQ's {@code x-death}. Immutable.
 *
 * @param event which queue, why, and where the message came from the first time
 * @param routingKeys what it was addressed with the first time, in AMQP's form
 * @param count how often
 * @param time the first time
 * @param originalExpirationMs the time to live that the message had until then; it loses it, so
 *     that it does not expire again
 */
public record Death(
    Event event,
    List<String> routingKeys,
    long count,
    Instant time,
    OptionalLong originalExpirationMs) {

  /** Why a queue gives a message up. */
  public enum Reason {
    /** A consumer refused it. */
    REJECTED,
    /** It had been in the queue for too long. */
    EXPIRED,
    /** The queue was full. */
    MAXLEN,
    /** It came back from consumers too often. */
    DELIVERY_LIMIT,
    /** It has no form in the protocol of its consumer; RabbitMQ has no such reason. */
    UNDELIVERABLE;

    private final String text = name().toLowerCase(java.util.Locale.ROOT);

    /** Returns the reason as headers show it. */
    public String text() {
      return text;
    }
  }

  /**
   * One time that a message was given up.
   *
   * @param queue by which queue
   * @param reason why
   * @param exchange where the message had been published to before
   */
  public record Event(String queue, Reason reason, String exchange) {

    /** Returns whether it is the same queue for the same reason: both are one entry. */
    boolean sameEntry(Event other) {
      return reason == other.reason && queue.equals(other.queue);
    }
  }

  /** Copies the routing keys. */
  public Death {
    routingKeys = List.copyOf(routingKeys);
  }

  /** Returns the queue that gave the message up. */
  public String queue() {
    return event.queue;
  }

  /** Returns why. */
  public Reason reason() {
    return event.reason;
  }

  /** Returns where the message had been published to, the first time. */
  public String exchange() {
    return event.exchange;
  }

  Death again() {
    return new Death(event, routingKeys, count + 1, time, originalExpirationMs);
  }

  /** Returns the entry as a table of {@code x-death}, in the types that RabbitMQ uses. */
  Map<String, Object> table() {
    var table = new LinkedHashMap<String, Object>();
    originalExpirationMs.ifPresent(ms -> table.put("original-expiration", Long.toString(ms)));
    table.put("count", count);
    table.put("reason", reason().text());
    table.put("queue", queue());
    table.put("time", time);
    table.put("exchange", exchange());
    table.put("routing-keys", routingKeys);
    return table;
  }
}
