/** RabbitMQ's further types of exchange. */
module io.carrick.exchange {
  requires transitive io.carrick;

  exports io.carrick.exchange;
}
