package io.carrick.benchmarks.load;

/** Who logs in; an empty user is anonymous. Immutable. */
record Login(String user, String password) {

  /** Reads {@code USER:PASSWORD}. */
  static Login parse(String text) {
    int colon = text.indexOf(':');
    return colon < 0
        ? new Login(text, "")
        : new Login(text.substring(0, colon), text.substring(colon + 1));
  }
}
