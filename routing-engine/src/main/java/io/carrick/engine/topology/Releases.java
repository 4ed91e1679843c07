package io.carrick.engine.topology;

/** Who publishes the messages of one loop that have waited. Called in that loop. */
public interface Releases {

  /** Takes a queue of this loop whose messages are to be published when they are due. */
  void add(DelayedMessages messages);
}
