package io.carrick.amqp.codec;

/** A method with its arguments. Every implementation is an immutable record. AMQP 0-9-1 §2.1. */
public sealed interface Method
    permits ConnectionMethod,
        ChannelMethod,
        AccessMethod,
        ExchangeMethod,
        QueueMethod,
        BasicMethod,
        ConfirmMethod,
        TxMethod {

  /** Returns the number of its class. */
  int classId();

  /** Returns its number in its class. */
  int methodId();

  /** Writes its arguments. */
  void writeArguments(FieldWriter out);

  /** Returns whether a content follows it. */
  default boolean hasContent() {
    return false;
  }

  /**
   * Reads a method: the payload of a method frame.
   *
   * @throws AmqpException 501 or 502 when it cannot be read, 503 when there is no such method
   */
  static Method read(FieldReader in) {
    int classId = in.shortInt();
    int methodId = in.shortInt();
    try {
      Method method = arguments(classId, methodId, in);
      if (in.remaining() != 0) {
        throw new AmqpException(ReplyCode.FRAME_ERROR, "bytes behind the arguments");
      }
      return method;
    } catch (AmqpException wrong) {
      throw wrong.blaming(classId, methodId);
    }
  }

  private static Method arguments(int classId, int methodId, FieldReader in) {
    return switch (classId) {
      case ConnectionMethod.CLASS_ID -> ConnectionMethod.read(methodId, in);
      case ChannelMethod.CLASS_ID -> ChannelMethod.read(methodId, in);
      case AccessMethod.CLASS_ID -> AccessMethod.read(methodId, in);
      case ExchangeMethod.CLASS_ID -> ExchangeMethod.read(methodId, in);
      case QueueMethod.CLASS_ID -> QueueMethod.read(methodId, in);
      case BasicMethod.CLASS_ID -> BasicMethod.read(methodId, in);
      case ConfirmMethod.CLASS_ID -> ConfirmMethod.read(methodId, in);
      case TxMethod.CLASS_ID -> TxMethod.read(methodId, in);
      default -> throw unknown(methodId);
    };
  }

  /** Writes class, number and arguments: the payload of a method frame. */
  default void write(FieldWriter out) {
    out.shortInt(classId()).shortInt(methodId());
    writeArguments(out);
  }

  /** What to answer to a method that does not exist. */
  static AmqpException unknown(int methodId) {
    return new AmqpException(ReplyCode.COMMAND_INVALID, "unknown method " + methodId);
  }
}
