package io.carrick;

import java.util.List;

/**
 * Follows messages on their way through the broker, from {@link Broker#trace} until it is closed.
 * Thread-safe.
 *
 * <p>It keeps the last messages with what has happened to them, in memory and within bounds, and no
 * payload. A message that was there before it, or that was read back from a durable store, is not
 * followed.
 */
public interface Trace extends AutoCloseable {

  /** Returns the messages that it keeps with what is known of them now, the oldest first. */
  List<MessagePath> messages();

  /** Returns how many messages were followed, those that are not kept any more included. */
  long followed();

  /** Returns how many messages are not kept any more, as newer ones have taken their place. */
  long forgotten();

  /** Returns how many events were not told to the listener, which was too slow for them. */
  long missed();

  /** Returns {@link MessagePath#tree()} of all messages, with an empty line between two. */
  @Override
  String toString();

  /**
   * Ends it at once: nothing that happens from now on is noted, no message is followed any more,
   * and the listener hears no further event, but may be in its last one. What was kept can still be
   * read. Closing twice is harmless.
   */
  @Override
  void close();
}
