package io.carrick.benchmarks.load;

/** The machine's clock, which a load program measures by. Thread-safe. */
final class Now {

  private Now() {}

  static long nanos() {
    return System.nanoTime();
  }
}
