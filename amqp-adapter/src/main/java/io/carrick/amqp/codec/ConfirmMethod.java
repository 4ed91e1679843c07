package io.carrick.amqp.codec;

/** The methods of publisher confirms, an extension of RabbitMQ's. */
public sealed interface ConfirmMethod extends Method {

  /** The number of the class. */
  int CLASS_ID = 85;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /** Reads the arguments of one of these methods. */
  static ConfirmMethod read(int methodId, FieldReader in) {
    return switch (methodId) {
      case 10 -> new Select(in.bit());
      case 11 -> new SelectOk();
      default -> throw Method.unknown(methodId);
    };
  }

  /**
   * The client wants confirms.
   *
   * @param noWait whether no answer is wanted
   */
  record Select(boolean noWait) implements ConfirmMethod {
    @Override
    public int methodId() {
      return 10;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.bit(noWait);
    }
  }

  /** It will get them. */
  record SelectOk() implements ConfirmMethod {
    @Override
    public int methodId() {
      return 11;
    }

    @Override
    public void writeArguments(FieldWriter out) {}
  }
}
