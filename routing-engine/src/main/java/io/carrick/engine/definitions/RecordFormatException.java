package io.carrick.engine.definitions;

/** A stored record is not of a form that this version reads. */
public final class RecordFormatException extends IllegalArgumentException {

  private static final long serialVersionUID = 1;

  /** Makes the report of what cannot be read. */
  public RecordFormatException(String message) {
    super(message);
  }
}
