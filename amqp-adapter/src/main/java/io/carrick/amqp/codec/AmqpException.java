package io.carrick.amqp.codec;

/**
 * What a peer did wrong, as it will be told: a method that closes its channel or its connection,
 * whichever the {@link ReplyCode} says. Carries no stack trace, for it is the peer's fault.
 */
public final class AmqpException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final ReplyCode reply;
  private final int classId;
  private final int methodId;

  /** Blames no method in particular. */
  public AmqpException(ReplyCode reply, String text) {
    this(reply, text, 0, 0);
  }

  /**
   * Blames a method.
   *
   * @param text for people
   * @param classId the method's class
   * @param methodId the method in its class
   */
  public AmqpException(ReplyCode reply, String text, int classId, int methodId) {
    super(text, null, false, false);
    this.reply = reply;
    this.classId = classId;
    this.methodId = methodId;
  }

  /** Returns the same complaint about a method, unless one is blamed already. */
  public AmqpException blaming(int blamedClass, int blamedMethod) {
    return classId == 0 ? new AmqpException(reply, text(), blamedClass, blamedMethod) : this;
  }

  /** Returns the code. */
  public ReplyCode reply() {
    return reply;
  }

  /** Returns what was wrong, without the code's name. */
  public String text() {
    String text = getMessage();
    return text == null ? "" : text;
  }

  /** Returns the reply text as it goes to the peer: {@code NOT_FOUND - no queue 'q'}. */
  public String replyText() {
    return reply.name() + " - " + text();
  }

  /** Returns the class of the method that is to blame, 0 for none. */
  public int classId() {
    return classId;
  }

  /** Returns the method that is to blame, 0 for none. */
  public int methodId() {
    return methodId;
  }
}
