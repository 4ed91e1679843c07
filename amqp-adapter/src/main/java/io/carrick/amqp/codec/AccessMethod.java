package io.carrick.amqp.codec;

/**
 * The methods of access tickets, which AMQP 0-9-1 has no more: clients of 0-8 ask for one and get
 * one that means nothing, as from RabbitMQ.
 */
public sealed interface AccessMethod extends Method {

  /** The number of the class. */
  int CLASS_ID = 30;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /** Reads the arguments of one of these methods. */
  static AccessMethod read(int methodId, FieldReader in) {
    return switch (methodId) {
      case 10 -> Request.read(in);
      case 11 -> new RequestOk(in.shortInt());
      default -> throw Method.unknown(methodId);
    };
  }

  /**
   * The client wants a ticket.
   *
   * @param realm for which part of the server
   * @param rights a bit each for exclusive, passive, active, write and read access
   */
  record Request(String realm, int rights) implements AccessMethod {

    private static Request read(FieldReader in) {
      return new Request(in.shortString(), in.octet());
    }

    @Override
    public int methodId() {
      return 10;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortString(realm).octet(rights);
    }
  }

  /**
   * It has one.
   *
   * @param ticket its number
   */
  record RequestOk(int ticket) implements AccessMethod {

    @Override
    public int methodId() {
      return 11;
    }

    @Override
    public void writeArguments(FieldWriter out) {
      out.shortInt(ticket);
    }
  }
}
