/** A program whose every part is a Java module. */
module com.example.greenhouse {
  requires com.rabbitmq.client;
  requires io.carrick;
  requires org.eclipse.paho.client.mqttv3;
}
