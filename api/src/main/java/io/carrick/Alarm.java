package io.carrick;

/** Why the broker takes no messages from publishers for a while. */
public enum Alarm {
  /** It holds more than {@link Limit#MEMORY_BYTES}. */
  MEMORY("memory"),
  /** The disk of its store has less room left than {@link Limit#DISK_FREE_BYTES}. */
  DISK("disk");

  private final String text;

  Alarm(String text) {
    this.text = text;
  }

  /** Returns what is short, as logs, counters and AMQP's {@code connection.blocked} say it. */
  public String text() {
    return text;
  }
}
