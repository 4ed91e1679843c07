package io.carrick;

/** What a queue does with a message that it has no room for. */
public enum Overflow {
  /** It takes the message and gives its oldest ones up. */
  DROP_HEAD("drop-head"),
  /** It gives the message up and keeps what it has; its publisher is not told. */
  DROP_NEWEST("drop-newest"),
  /** It refuses the message: its publisher is told, if it asked for confirms. */
  REJECT_PUBLISH("reject-publish"),
  /** As {@link #REJECT_PUBLISH}, and the message goes to the dead letter exchange, if any. */
  REJECT_PUBLISH_DLX("reject-publish-dlx");

  private final String text;

  Overflow(String text) {
    this.text = text;
  }

  /**
   * Returns the value of the argument {@code x-overflow} for it, which is RabbitMQ's but for {@link
   * #DROP_NEWEST}.
   */
  public String text() {
    return text;
  }
}
