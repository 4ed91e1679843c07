/** AMQP 0-9-1 with RabbitMQ's extensions. */
module io.carrick.amqp {
  requires transitive io.carrick;
  requires io.carrick.transport;
  requires org.slf4j;

  exports io.carrick.amqp;
}
