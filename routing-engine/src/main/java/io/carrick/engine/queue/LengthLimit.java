package io.carrick.engine.queue;

import io.carrick.Message;
import io.carrick.Overflow;
import io.carrick.QueueOptions;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How much may be ready in a queue, and what becomes of the rest. What is with consumers does not
 * count, as with RabbitMQ. Immutable.
 *
 * @param messages how many
 * @param bytes how many bytes of payload
 * @param overflow what becomes of the rest
 * @param reason what it is counted as
 */
public record LengthLimit(long messages, long bytes, Overflow overflow, Discard reason) {

  private static final long UNBOUNDED = QueueSettings.FOR_EVER;

  /** The bound of a session's queue, which drops its oldest. */
  public static LengthLimit ofSession(long messages, long bytes) {
    return new LengthLimit(messages, bytes, Overflow.DROP_HEAD, Discard.SESSION_FULL);
  }

  /**
   * Reads arguments, which have been found right.
   *
   * @param own the bound that the queue has anyway, null if none
   * @return null without a bound
   */
  static @Nullable LengthLimit of(Map<String, Object> arguments, @Nullable LengthLimit own) {
    long messages = QueueSettings.number(arguments, QueueOptions.MAX_LENGTH);
    long bytes = QueueSettings.number(arguments, QueueOptions.MAX_LENGTH_BYTES);
    boolean asked = messages != UNBOUNDED || bytes != UNBOUNDED;
    if (!asked && (own == null || !arguments.containsKey(QueueOptions.OVERFLOW))) {
      return own;
    }
    return new LengthLimit(
        own == null ? messages : Math.min(messages, own.messages),
        own == null ? bytes : Math.min(bytes, own.bytes),
        overflow(arguments),
        asked ? Discard.MAX_LENGTH : Discard.SESSION_FULL);
  }

  private static Overflow overflow(Map<String, Object> arguments) {
    Object text = arguments.get(QueueOptions.OVERFLOW);
    if (Overflow.REJECT_PUBLISH.text().equals(text)) {
      return Overflow.REJECT_PUBLISH;
    } else if (Overflow.DROP_NEWEST.text().equals(text)) {
      return Overflow.DROP_NEWEST;
    }
    // RabbitMQ's quorum queues do not know the third one and go back to the first.
    return Overflow.REJECT_PUBLISH_DLX.text().equals(text) && !QueueSettings.isQuorum(arguments)
        ? Overflow.REJECT_PUBLISH_DLX
        : Overflow.DROP_HEAD;
  }

  /** Returns whether the oldest message has to go. */
  boolean dropsHeadOf(ReadyMessages ready) {
    return overflow == Overflow.DROP_HEAD && (ready.size() > messages || ready.bytes() > bytes);
  }

  /** Returns what becomes of a message that is refused. */
  Discard refusal() {
    return switch (overflow) {
      case DROP_HEAD, DROP_NEWEST -> reason;
      case REJECT_PUBLISH -> Discard.REFUSED;
      case REJECT_PUBLISH_DLX -> Discard.REFUSED_AND_GIVEN_UP;
    };
  }

  /** Returns whether the publisher of a message that is refused hears of that. */
  boolean tells() {
    return overflow != Overflow.DROP_NEWEST;
  }

  /** Returns whether one more message is not taken, as it would be the one too many. */
  boolean refuses(Queue at, Message message) {
    if (overflow == Overflow.DROP_HEAD) {
      return false;
    }
    long there = at.ready().size();
    long bytesThere = at.ready().bytes();
    GivenUp more = at.givenUpOrNull();
    if (more != null) {
      there += more.messages();
      bytesThere += more.bytes();
    }
    return there + 1 > messages || bytesThere + message.payload().length > bytes;
  }
}
