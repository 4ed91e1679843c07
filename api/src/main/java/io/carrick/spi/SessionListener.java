package io.carrick.spi;

/** Hears of the ends of sessions. Called in the loop of a session's queue; never blocks. */
@FunctionalInterface
public interface SessionListener {

  /**
   * A session has ended, of whichever adapter: its queue is deleted, who consumed that knows it,
   * and its {@linkplain Attachment#sessionTable table} is empty.
   *
   * @param session its {@linkplain QueueDeclaration.SessionQueue#name name}
   */
  void ended(String virtualHost, String session, SessionEnd why);
}
