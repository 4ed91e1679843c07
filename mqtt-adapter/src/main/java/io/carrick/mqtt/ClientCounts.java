package io.carrick.mqtt;

/** How many MQTT clients there are and were. Guarded by {@code this}; off the hot path. */
final class ClientCounts {

  private int connected;
  private int maximum;
  private long connections;
  private long expired;

  synchronized void connected() {
    connected++;
    connections++;
    maximum = Math.max(maximum, connected);
  }

  synchronized void gone() {
    connected--;
  }

  /** A session has outlived its client for as long as it may. */
  synchronized void expired() {
    expired++;
  }

  /** Returns how it is now. */
  synchronized Now now() {
    return new Now(connected, maximum, connections, expired);
  }

  /**
   * The counts of one moment.
   *
   * @param connected clients that are let in
   * @param maximum the most that there were at a time
   * @param connections how many were let in so far
   * @param expired sessions that have expired
   */
  record Now(int connected, int maximum, long connections, long expired) {}
}
