/** MQTT 3.1 and 3.1.1. */
module io.carrick.mqtt {
  requires transitive io.carrick;
  requires io.carrick.transport;
  requires org.slf4j;

  exports io.carrick.mqtt;
}
