/**
 * JUnit 5 extension, probes and virtual time. Engine and transport are modules of their own or
 * packages of the one module that has all, which is why they are not required when it runs.
 */
module io.carrick.testing {
  requires transitive io.carrick;
  requires static transitive io.carrick.engine;
  requires static transitive io.carrick.transport;
  requires transitive org.junit.jupiter.api;

  exports io.carrick.testing;
}
