package io.carrick.examples.ctl;

/** Something that could not be done, told in one line. */
public final class CtlFailure extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** What could not be done. */
  static final int FAILED = 1;

  /** What was asked for wrongly. */
  static final int WRONG_USE = 2;

  private final int exitCode;

  CtlFailure(int exitCode, String message) {
    super(message, null, false, false);
    this.exitCode = exitCode;
  }

  /** Something that could not be done. */
  public static CtlFailure failed(String message) {
    return new CtlFailure(FAILED, message);
  }

  static CtlFailure wrongUse(String message) {
    return new CtlFailure(WRONG_USE, message);
  }

  int exitCode() {
    return exitCode;
  }
}
