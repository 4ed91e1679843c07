/** What users and extenders of Carrick compile against. */
module io.carrick {
  requires static transitive org.jspecify;

  exports io.carrick;
  exports io.carrick.crossing;
  exports io.carrick.spi;
}
