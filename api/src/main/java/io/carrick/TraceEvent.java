package io.carrick;

import java.time.Instant;

/**
 * Something that happened to a message that a {@link Trace} follows. Immutable.
 *
 * <p>Events of one trace are in one order, whichever loops they come from: nothing is ahead of what
 * it is a consequence of. The time is that of the clock of the loop where it happened.
 *
 * @param message the number of the message in its trace, from 1
 * @param time when
 * @param stage what happened
 * @param exchange where, if it is at an exchange; empty for the default exchange as well
 * @param queue which queue it is about; empty if none
 * @param key the address, with {@link Stage#ARRIVED}; the binding key, with {@link Stage#MATCHED}
 * @param party whose doing it is, the client with its protocol, for people; empty for the broker
 * @param detail what else there is to say, as the stages say it; mostly empty
 */
public record TraceEvent(
    long message,
    Instant time,
    Stage stage,
    String exchange,
    String queue,
    String key,
    String party,
    String detail) {

  /** What happens to a message. */
  public enum Stage {
    /** It came in and is let in; the detail is its quality of service, if its protocol has that. */
    ARRIVED,
    /** It was routed from an exchange on; the detail is the number of queues. */
    ROUTED,
    /** A binding matched it; the detail is the exchange that it leads to, if it is not a queue. */
    MATCHED,
    /** An exchange led nowhere, and its alternate exchange, which is the detail, was tried. */
    ALTERNATE,
    /** No queue matched. */
    UNROUTABLE,
    /** It goes nowhere, as it could not be stored; the detail is why. */
    REFUSED,
    /** A session that was matched does not get it, such as its own publisher's by No Local. */
    NOT_ADMITTED,
    /** It is the last value of its topic, or was to be: {@code kept}, {@code cleared} and so on. */
    LAST_VALUE,
    /** It waits in an exchange. */
    DELAYED,
    /** It has waited, and is routed. */
    RELEASED,
    /** It is in a queue. */
    QUEUED,
    /** It was handed to a consumer; {@code settled} is the detail if that settles it. */
    DELIVERED,
    /** It was handed to a consumer, and may have been before; the detail is as before. */
    DELIVERED_AGAIN,
    /** The consumer has accepted it. */
    ACCEPTED,
    /** It went back to its queue. */
    REQUEUED,
    /** The consumer has rejected it. */
    REJECTED,
    /** The consumer's protocol has no form for it. */
    UNDELIVERABLE,
    /** A queue does not have it any more, or never had; the detail is the reason, as in metrics. */
    DROPPED,
    /** What a queue has given up goes to an exchange; the detail is the reason. */
    DEAD_LETTERED
  }
}
