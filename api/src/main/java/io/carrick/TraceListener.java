package io.carrick;

/**
 * Hears what a {@link Trace} sees. Called in a worker thread of the broker, one call at a time, in
 * the order of {@link TraceEvent}s: it may block, and holds nobody up but itself. What it has not
 * taken yet waits up to a bound ({@link Limit#TRACE_EVENTS}); beyond, events are left out and
 * counted by {@link Trace#missed()}. What it throws is logged, and the next event comes.
 */
@FunctionalInterface
public interface TraceListener {

  /** Something has happened to a message. Not called any more once the trace is closed. */
  void onEvent(TraceEvent event);
}
