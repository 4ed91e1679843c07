/**
 * The whole broker in one module, which has its own Netty inside. It has the name of the API's
 * module, so that whoever requires that and no more finds it here.
 */
module io.carrick {
  requires static transitive org.jspecify;
  requires org.slf4j;
  // What the Netty inside asks for.
  requires java.logging;
  requires jdk.unsupported;
  requires static jdk.jfr;

  exports io.carrick;
  exports io.carrick.amqp;
  exports io.carrick.crossing;
  exports io.carrick.engine;
  exports io.carrick.exchange;
  exports io.carrick.journal;
  exports io.carrick.mqtt;
  exports io.carrick.spi;
  exports io.carrick.storage;
  exports io.carrick.transport;
}
