package io.carrick.amqp.codec;

/** The methods by which a channel starts and ends. AMQP 0-9-1 §1.5 (channel). */
public sealed interface ChannelMethod extends Method {

  /** The number of the class. */
  int CLASS_ID = 20;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /** Reads the arguments of one of these methods. */
  static ChannelMethod read(int methodId, FieldReader in) {
    return switch (methodId) {
      case 10 -> {
        in.shortBytes();
        yield new Open();
      }
      case 11 -> {
        in.longBytes(); // reserved
        yield new OpenOk();
      }
      case 20 -> new Flow(in.bit());
      case 21 -> new FlowOk(in.bit());
      case 40 -> new Close(in.shortInt(), in.shortString(), in.shortInt(), in.shortInt());
      case 41 -> new CloseOk();
      default -> throw Method.unknown(methodId);
    };
  }

  /** The client opens a channel. */
  record Open() implements ChannelMethod {
    @Override
    public int methodId() {
      return 10;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortString("");
    }
  }

  /** The channel is open. */
  record OpenOk() implements ChannelMethod {
    @Override
    public int methodId() {
      return 11;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.longInt(0); // an empty long string, reserved
    }
  }

  /**
   * Either side stops or restarts contents.
   *
   * @param active whether they may flow
   */
  record Flow(boolean active) implements ChannelMethod {
    @Override
    public int methodId() {
      return 20;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.bit(active);
    }
  }

  /**
   * The other side does so.
   *
   * @param active whether they may flow
   */
  record FlowOk(boolean active) implements ChannelMethod {
    @Override
    public int methodId() {
      return 21;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.bit(active);
    }
  }

  /**
   * Either side ends the channel.
   *
   * @param code the {@link ReplyCode}'s number
   * @param text for people
   * @param blamedClass class of the method that caused it, or 0
   * @param blamedMethod method that caused it, or 0
   */
  record Close(int code, String text, int blamedClass, int blamedMethod) implements ChannelMethod {
    @Override
    public int methodId() {
      return 40;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortInt(code).shortString(text).shortInt(blamedClass).shortInt(blamedMethod);
    }
  }

  /** The other side has heard it. */
  record CloseOk() implements ChannelMethod {
    @Override
    public int methodId() {
      return 41;
    }

    @Override
    public void writeArguments(FieldWriter out) {}
  }
}
