package io.carrick.spi;

import org.jspecify.annotations.Nullable;

/**
 * How a queue shall be consumed. Immutable.
 *
 * @param queue its name
 * @param autoAccept whether deliveries count as settled when handed over
 * @param mode whether other consumers may be there
 * @param prefetch unsettled deliveries at a time; 0 for {@link
 *     io.carrick.Limit#UNSETTLED_DELIVERIES}
 * @param priority higher ones are served first; 0 by default
 * @param window what bounds it together with others, opened by the attachment that consumes; null
 *     for nothing
 * @param stream how it reads a stream; null if nothing was said, and for what is no stream
 * @param member the session's queue in whose name it consumes one that the session has joined; null
 *     for nobody's
 */
public record ConsumeRequest(
    String queue,
    boolean autoAccept,
    Mode mode,
    int prefetch,
    int priority,
    @Nullable CreditWindow window,
    @Nullable StreamRead stream,
    @Nullable String member) {

  /** Asks for a consumer that has its prefetch alone. */
  public ConsumeRequest(String queue, boolean autoAccept, Mode mode, int prefetch, int priority) {
    this(queue, autoAccept, mode, prefetch, priority, null, null, null);
  }

  /** Asks for a consumer that is nobody's member. */
  public ConsumeRequest(
      String queue,
      boolean autoAccept,
      Mode mode,
      int prefetch,
      int priority,
      @Nullable CreditWindow window,
      @Nullable StreamRead stream) {
    this(queue, autoAccept, mode, prefetch, priority, window, stream, null);
  }

  /** Returns the same request, bounded by a window too. */
  public ConsumeRequest within(CreditWindow shared) {
    return new ConsumeRequest(queue, autoAccept, mode, prefetch, priority, shared, stream, member);
  }

  /** Returns the same request, for a stream. */
  public ConsumeRequest reading(StreamRead how) {
    return new ConsumeRequest(queue, autoAccept, mode, prefetch, priority, window, how, member);
  }

  /**
   * Returns the same request, in the name of a session that has {@linkplain Attachment#join joined}
   * the queue.
   *
   * @param session the name of the session's own queue
   */
  public ConsumeRequest asMember(String session) {
    return new ConsumeRequest(queue, autoAccept, mode, prefetch, priority, window, stream, session);
  }

  /** Who else may consume. */
  public enum Mode {
    /** Anybody. */
    SHARED,
    /** Nobody else: refused if others are there, and others are refused. */
    EXCLUSIVE,
    /**
     * Nobody else, and it takes over from a holder of the same mode: the old one is told {@link
     * DeliverySink.End#TAKEN_OVER}, and the request completes when its unsettled messages are back
     * in the queue.
     */
    LEASE
  }
}
