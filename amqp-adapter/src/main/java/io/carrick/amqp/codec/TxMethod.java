package io.carrick.amqp.codec;

/** The methods of transactions. AMQP 0-9-1 §1.9 (tx). */
public sealed interface TxMethod extends Method {

  /** The number of the class. */
  int CLASS_ID = 90;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /** Reads the arguments of one of these methods. */
  static TxMethod read(int methodId, FieldReader in) {
    return switch (methodId) {
      case 10 -> new Select();
      case 11 -> new SelectOk();
      case 20 -> new Commit();
      case 21 -> new CommitOk();
      case 30 -> new Rollback();
      case 31 -> new RollbackOk();
      default -> throw Method.unknown(methodId);
    };
  }

  /** The client wants transactions. */
  record Select() implements TxMethod {
    @Override
    public int methodId() {
      return 10;
    }

    @Override
    public void writeArguments(FieldWriter out) {}
  }

  /** It will have them. */
  record SelectOk() implements TxMethod {
    @Override
    public int methodId() {
      return 11;
    }

    @Override
    public void writeArguments(FieldWriter out) {}
  }

  /** The client commits. */
  record Commit() implements TxMethod {
    @Override
    public int methodId() {
      return 20;
    }

    @Override
    public void writeArguments(FieldWriter out) {}
  }

  /** It is committed. */
  record CommitOk() implements TxMethod {
    @Override
    public int methodId() {
      return 21;
    }

    @Override
    public void writeArguments(FieldWriter out) {}
  }

  /** The client gives up. */
  record Rollback() implements TxMethod {
    @Override
    public int methodId() {
      return 30;
    }

    @Override
    public void writeArguments(FieldWriter out) {}
  }

  /** It is undone. */
  record RollbackOk() implements TxMethod {
    @Override
    public int methodId() {
      return 31;
    }

    @Override
    public void writeArguments(FieldWriter out) {}
  }
}
