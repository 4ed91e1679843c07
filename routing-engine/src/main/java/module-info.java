/** Exchanges, queues, deliveries and the embedded broker. */
module io.carrick.engine {
  requires transitive io.carrick;
  requires transitive io.carrick.storage;
  requires org.slf4j;

  exports io.carrick.engine;
}
