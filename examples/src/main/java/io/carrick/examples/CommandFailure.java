package io.carrick.examples;

/** Something that went wrong in a way a user can mend: told in one line, without a stack trace. */
final class CommandFailure extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** What could not be done. */
  static final int FAILED = 1;

  /** What was asked for wrongly, or is not there to be asked for. */
  static final int WRONG_USE = 2;

  /** The broker has met an error that it cannot survive, such as the end of memory. */
  static final int BROKEN_DOWN = 3;

  private final int exitCode;

  CommandFailure(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** Tells the user and returns the exit code. */
  int tell() {
    System.err.println("carrick: " + getMessage());
    return exitCode;
  }
}
