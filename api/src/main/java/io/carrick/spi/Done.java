package io.carrick.spi;

/** The answer of a call that has nothing to tell but that it is done. */
public enum Done {
  /** It is done. */
  DONE
}
