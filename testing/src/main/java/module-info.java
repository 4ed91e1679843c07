/** JUnit 5 extension, probes, virtual time and fault injection. */
module io.carrick.testing {
  requires transitive io.carrick;
  requires transitive io.carrick.engine;
  requires io.carrick.transport;
  requires transitive org.junit.jupiter.api;

  exports io.carrick.testing;
}
