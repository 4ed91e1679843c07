/** JUnit 5 extension, probes and virtual time. */
module io.carrick.testing {
  requires transitive io.carrick;
  requires transitive io.carrick.engine;
  requires transitive io.carrick.transport;
  requires transitive org.junit.jupiter.api;

  exports io.carrick.testing;
}
