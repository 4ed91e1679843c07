package io.carrick.examples.tour;

import io.carrick.Broker;
import io.carrick.QueueOptions;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import java.util.List;

/**
 * Shows what crosses between MQTT and AMQP, with HiveMQ's client of MQTT 5 on one side, RabbitMQ's
 * on the other and the broker between them, and prints what happened.
 *
 * <p>Run: {@code java -cp examples/target/carrick.jar io.carrick.examples.tour.BridgeTour}
 */
public final class BridgeTour {

  private static final List<Stop> STOPS =
      List.of(
          new PropertiesStop(),
          new RequestStop(),
          new RetainedStop(),
          new MixedConsumersStop(),
          new DeadLettersStop(),
          new ReceiptsStop(),
          new TraceStop());

  private BridgeTour() {}

  /**
   * Runs the program.
   *
   * @param args none
   * @throws Exception when something did not come that should have
   */
  public static void main(String[] args) throws Exception {
    Mqtt mqtt =
        Mqtt.onAnyPort()
            .sessionQueues(QueueOptions.none().deadLetterTo("amq.topic", "dead.devices"));
    try (Broker broker = EmbeddedBroker.builder().adapter(mqtt).adapter(Amqp.onAnyPort()).start()) {
      var guide = new Guide(broker, System.out);
      for (int i = 0; i < STOPS.size(); i++) {
        System.out.println((i + 1) + ". " + STOPS.get(i).title());
        try {
          STOPS.get(i).show(guide);
        } finally {
          guide.seesOff();
        }
      }
    }
    System.exit(0); // HiveMQ's client keeps its threads for as long as a session of it may live
  }
}
