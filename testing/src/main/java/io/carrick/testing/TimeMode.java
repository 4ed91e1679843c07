package io.carrick.testing;

/** How time passes in a broker under test. */
enum TimeMode {
  /** By itself. */
  REAL,
  /** Only when the test says so; threads run the loops, real clients connect. */
  STANDING,
  /** Only when the test says so; the test's thread runs the loops. */
  IN_TEST_THREAD
}
