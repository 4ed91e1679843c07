package io.carrick.docs;

import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Message;
import io.carrick.Source;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import java.io.IOException;

/**
 * The README's first steps. Compiled only: they need the protocols' own ports, and a reader who
 * presses a key.
 */
final class FirstSteps {

  private FirstSteps() {}

  @SuppressWarnings("ResultOfMethodCallIgnored")
  static void run() throws IOException {
    // snippet
    try (Broker broker =
            EmbeddedBroker.builder().adapter(Mqtt.onPort(1883)).adapter(Amqp.onPort(5672)).start();
        Client client = broker.connect()) {
      client.subscribe(
          Source.topic("sensors.*.temperature"),
          delivery -> System.out.println(delivery.routingKey() + " " + delivery.message().text()));
      client.publisher("amq.topic").send("sensors.kitchen.temperature", Message.of("21.5"));
      System.in.read(); // until you press Enter
    }
    // end
  }
}
