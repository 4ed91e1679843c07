package io.carrick.engine.delivery;

import java.util.concurrent.atomic.AtomicLongArray;

/** Counters of one loop: written by its thread alone, without a lock, and read by anyone. */
public final class LoopCounts {

  /** What is counted on the message path. */
  public enum Count {
    /** Messages that came in. */
    PUBLISHED("messages.published"),
    /** Messages that no queue matched. */
    UNROUTABLE("messages.unroutable"),
    /** Messages put in queues, or passed through them; one for each queue. */
    ROUTED("messages.routed"),
    /** Messages handed to consumers. */
    DELIVERED("messages.delivered"),
    /** Deliveries that may have been made before. */
    REDELIVERED("messages.redelivered"),
    /** Deliveries that consumers took responsibility for. */
    ACCEPTED("messages.accepted"),
    /** Deliveries that went back to their queue. */
    REQUEUED("messages.requeued"),
    /** Deliveries given up by consumers. */
    REJECTED("messages.dropped{reason=rejected}"),
    /** At-most-once messages for a session that is not connected. */
    OFFLINE("messages.dropped{reason=offline}"),
    /** At-most-once messages for a consumer that does not drain. */
    SLOW_CONSUMER("messages.dropped{reason=slow-consumer}"),
    /** The oldest messages of sessions at their bound. */
    SESSION_FULL("messages.dropped{reason=session-full}"),
    /** The oldest messages of queues at their bound. */
    MAX_LENGTH("messages.dropped{reason=max-length}"),
    /** Messages in segments of streams that were dropped: too many bytes, or too old. */
    RETENTION("messages.dropped{reason=retention}"),
    /** Messages for sessions whose clients may not read them. */
    NOT_ALLOWED("messages.dropped{reason=not-allowed}"),
    /** Messages that full queues have refused. */
    QUEUE_FULL("messages.dropped{reason=queue-full}"),
    /** Messages that were too old before a consumer came. */
    EXPIRED("messages.dropped{reason=expired}"),
    /** Messages for a queue that was deleted meanwhile or with them in it. */
    SESSION_ENDED("messages.dropped{reason=session-ended}"),
    QUEUE_DELETED("messages.dropped{reason=queue-deleted}"),
    /** Messages removed on request. */
    PURGED("messages.dropped{reason=purged}"),
    /** Messages that came back from consumers too often. */
    DELIVERY_LIMIT("messages.dropped{reason=delivery-limit}"),
    /** Dead letters that were published again. */
    DEAD_LETTERED("messages.dead-lettered"),
    /** Dead letters that no queue matched, or without an exchange to go to. */
    DEAD_LETTER_UNROUTABLE("messages.dropped{reason=dead-letter-unroutable}"),
    /** Dead letters for a queue that has given them up before, in a circle without a consumer. */
    DEAD_LETTER_CIRCLE("messages.dropped{reason=dead-letter-circle}"),
    /** Messages that an exchange has wait. */
    DELAYED("messages.delayed"),
    /** Messages that have waited, and were routed. */
    RELEASED("messages.released"),
    /** Messages that have waited, and whose routing failed. */
    NOT_RELEASED("messages.dropped{reason=not-released}"),
    /** Messages of the firehose. */
    FIREHOSE("messages.firehose"),
    /** Messages of the firehose for which there was no room. */
    FIREHOSE_BEHIND("messages.dropped{reason=firehose}"),
    /** Messages that exchanges did not route, since they had routed one with that id before. */
    DUPLICATE("messages.dropped{reason=duplicate}"),
    /** Messages refused on arrival: no such exchange, not allowed, or by an interceptor. */
    REFUSED("messages.refused"),
    /** Messages that were to be stored while the store took nothing. */
    STORE("messages.dropped{reason=store}"),
    /** Messages for which a transaction had no room. */
    TRANSACTION_FULL("messages.dropped{reason=transaction-full}"),
    /** Messages whose publishers asked for a receipt. */
    RECEIPTS("receipts"),
    /** Receipts that were answered. */
    RECEIPTS_ANSWERED("receipts.answered"),
    /** Receipts that were answered because their time was over. */
    RECEIPTS_TIMED_OUT("receipts.timed-out"),
    /** Last values that found no room. */
    LAST_VALUES_FULL("messages.dropped{reason=last-values-full}"),
    /** Messages to be last values whose key is no topic. */
    NO_TOPIC("messages.dropped{reason=last-value-without-topic}"),
    /** Last values whose time to live was over. */
    LAST_VALUE_EXPIRED("messages.dropped{reason=last-value-expired}");

    private final String counterName;

    Count(String counterName) {
      this.counterName = counterName;
    }

    /** Returns why a message was dropped, if that is what it counts, as metrics show it. */
    public String reason() {
      int from = counterName.indexOf('=') + 1;
      return from == 0 ? counterName : counterName.substring(from, counterName.length() - 1);
    }

    /** Returns the name by which metrics show it. */
    public String counterName() {
      return counterName;
    }
  }

  private final AtomicLongArray values = new AtomicLongArray(Count.values().length);

  /** Adds one; called in the loop. */
  public void add(Count count) {
    add(count, 1);
  }

  /** Adds that many; called in the loop. */
  public void add(Count count, long amount) {
    int i = count.ordinal();
    values.lazySet(i, values.getPlain(i) + amount);
  }

  /** Returns the value as far as this thread sees it. */
  public long value(Count count) {
    return values.get(count.ordinal());
  }
}
