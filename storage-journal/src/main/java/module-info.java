/** The durable embedded store. */
module io.carrick.journal {
  requires transitive io.carrick.storage;
  requires org.slf4j;

  exports io.carrick.journal;
}
