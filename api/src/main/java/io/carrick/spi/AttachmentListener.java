package io.carrick.spi;

import io.carrick.Referral;
import io.carrick.Refusal;

/** What the broker tells an attached client. Called in the attachment's loop; never blocks. */
public interface AttachmentListener {

  /**
   * The broker has taken responsibility for confirmed publishes {@code first} to {@code last}:
   * every matching queue has them and the store where they are durable. Unroutable ones are among
   * them. Called at most once a turn unless refusals come between, or the listener is {@linkplain
   * #prompt prompt}.
   */
  void accepted(long first, long last);

  /**
   * Returns whether publishes are reported as soon as they can be, so that the peer gets its answer
   * before what its message brings about: also within {@link Attachment#publishConfirmed}, before
   * it has returned. Otherwise they are collected until the end of the turn.
   */
  default boolean prompt() {
    return false;
  }

  /**
   * Returns whether a message counts as accepted that one queue has taken, though another was full
   * and refused it: for a protocol that could tell its client of the refusal only by an end. Asked
   * once.
   */
  default boolean oneQueueIsEnough() {
    return false;
  }

  /** The broker has not taken confirmed publishes {@code first} to {@code last}. */
  void refused(long first, long last, Refusal reason);

  /**
   * The confirmed publish under way is not going to be taken; {@link #refused} will say so in its
   * turn, unless the attachment is closed before. Called within {@link
   * Attachment#publishConfirmed}, for a client that keeps something of the message beyond that.
   */
  default void refusing() {}

  /**
   * No queue has matched the confirmed publish under way. Called within {@link
   * Attachment#publishConfirmed}, before {@link #accepted} or {@link #refused} names it, for a
   * protocol whose answer says so.
   */
  default void unroutable() {}

  /**
   * Stop reading from the peer: a bound is met by what it publishes. Several reasons may hold at a
   * time, each of them once; the peer is read again when the last is gone. Keep-alive deadlines of
   * the peer are suspended meanwhile.
   *
   * @param why for a protocol that can tell its peer
   */
  void pauseReading(Pause why);

  /** A reason to stop reading is gone. */
  void resumeReading(Pause why);

  /**
   * What the client was given, as a consumer or singly, it has not settled in time, and all that it
   * has of the queue goes back. Called after {@link DeliverySink#ended}.
   *
   * @param queue which queue
   * @param timeoutMs how long it may have a message of it
   */
  default void overdue(String queue, long timeoutMs) {}

  /**
   * The broker wants the client gone: say so in its protocol's words, close the connection and the
   * attachment. Called once, on the client's first attachment.
   */
  void closeRequested(CloseReason reason, String text);

  /**
   * The broker lets its clients go and wants this one gone: as {@link #closeRequested}, which it is
   * by default, and instead of it.
   *
   * @param referral where to send it, if the protocol can say that
   */
  default void drained(Referral referral) {
    closeRequested(CloseReason.SHUTDOWN, referral.text());
  }

  /**
   * Returns where the client's peer is, for people. Asked on the client's first attachment, when
   * somebody looks at the connection: from any thread, and perhaps after its end.
   */
  default String remote() {
    return "";
  }

  /** Why a client is not read from. */
  enum Pause {
    /** As many bytes of it are under way as {@link io.carrick.Limit#PUBLISHER_CREDIT_BYTES}. */
    CREDIT,
    /** A consumer that it feeds is slow. */
    SLOW_CONSUMER,
    /** The store has more under way than it likes. */
    STORE,
    /** {@link io.carrick.Alarm#MEMORY}. */
    MEMORY,
    /** {@link io.carrick.Alarm#DISK}. */
    DISK,
    /** The broker closes. */
    SHUTDOWN
  }

  /** Why a client has to go. */
  enum CloseReason {
    /** The broker closes (AMQP 320, MQTT 0x8B). */
    SHUTDOWN,
    /** An administrator closed the connection (AMQP 320, MQTT 0x98). */
    ADMINISTRATIVE
  }
}
