package io.carrick;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The answer to a {@link Receipt}: what became of a message in each queue that it was routed to.
 * Immutable.
 *
 * @param result whether what was asked for came true
 * @param counts how many of what
 * @param waited from the publish to this answer
 * @param entries what became of the message queue by queue; of many the first {@link
 *     Limit#RECEIPT_ENTRIES}
 */
public record ReceiptReport(Result result, Counts counts, Duration waited, List<Entry> entries) {

  /** Copies the list. */
  public ReceiptReport {
    entries = List.copyOf(entries);
  }

  /** Whether what was asked for came true. */
  public enum Result {
    /** Every queue's copy was acknowledged, or as many as were asked for. */
    FULFILLED,
    /** It cannot come true any more: too many copies were rejected, or too old, or dropped. */
    FAILED,
    /** It was not clear yet when the time was over. */
    TIMEOUT,
    /** No queue matched. */
    UNROUTABLE,
    /** The broker did not take the message. */
    REFUSED;

    /** Returns the word for it in answers. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What became of the copy of one queue. */
  public enum Outcome {
    /** A consumer has acknowledged it, or was to get it without an acknowledgement and did. */
    ACKNOWLEDGED,
    /** A consumer has given it up, or its protocol has no form for it. */
    REJECTED,
    /** It was too old before a consumer had acknowledged it. */
    EXPIRED,
    /** The queue has given it up for another reason. */
    DROPPED,
    /** The time was over before anything else became of it. */
    TIMED_OUT;

    /** Returns the word for it in answers. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * How many copies there were, and of how many became what; the rest was not settled when enough
   * were acknowledged.
   *
   * @param targets queues that the message was routed to
   * @param acknowledged copies that were acknowledged
   * @param rejected copies that consumers have given up
   * @param expired copies that were too old
   * @param dropped copies that queues have given up for other reasons
   * @param timedOut copies of which nothing had become when the time was over
   */
  public record Counts(
      int targets, int acknowledged, int rejected, int expired, int dropped, int timedOut) {}

  /**
   * What became of one queue's copy. Immutable.
   *
   * @param queue its name
   * @param outcome what
   * @param reason why it was dropped, in the words of the metrics ({@code max-length}); else empty
   * @param by who has acknowledged or rejected it, as far as the broker knows
   */
  public record Entry(String queue, Outcome outcome, String reason, Optional<Recipient> by) {}

  /**
   * A connection that got a copy. Immutable.
   *
   * @param protocol for people, such as {@code MQTT 5.0}
   * @param name what the client calls itself: the MQTT client id or the AMQP connection name
   * @param user the authenticated name, empty if anonymous
   */
  public record Recipient(String protocol, String name, String user) {}
}
