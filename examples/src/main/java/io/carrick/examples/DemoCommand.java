package io.carrick.examples;

import io.carrick.Broker;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The demo: a broker, devices that speak MQTT and a service that speaks AMQP in one JVM. */
@Command(
    name = "demo",
    description = "Lets devices publish by MQTT to a service that consumes and answers by AMQP.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class DemoCommand implements Callable<Integer> {

  @Option(names = "--seconds", paramLabel = "N", description = "How long devices publish.")
  private int seconds = 10;

  @Option(names = "--devices", paramLabel = "N", description = "How many devices there are.")
  private int devices = 20;

  @Option(names = "--rate", paramLabel = "N", description = "Readings of a device per second.")
  private int rate = 50;

  @Override
  @SuppressWarnings("try") // the service works until it is closed
  public Integer call() throws Exception {
    checkPositive("--seconds", seconds);
    checkPositive("--devices", devices);
    checkPositive("--rate", rate);
    try (Broker broker = start()) {
      var tally = new Tally();
      boolean complete;
      try (var service = Service.connect(broker.address("amqp"), tally);
          var fleet = Fleet.connect(broker.address("mqtt"), devices, tally)) {
        System.out.printf(
            "%d devices publish %d readings a second each for %d s: MQTT %s, AMQP %s%n",
            devices,
            rate,
            seconds,
            Server.text(broker.address("mqtt")),
            Server.text(broker.address("amqp")));
        complete = new DemoRun(fleet, tally, System.out).publish(seconds, rate);
      }
      tally.report().lines().forEach(System.out::println);
      return complete && tally.nothingLost() ? 0 : 1;
    }
  }

  private static void checkPositive(String option, int value) {
    if (value < 1) {
      throw new CommandFailure(CommandFailure.WRONG_USE, option + " must be positive: " + value);
    }
  }

  private static Broker start() {
    try {
      return EmbeddedBroker.builder()
          .adapter(Mqtt.onAnyPort().host("127.0.0.1"))
          .adapter(Amqp.onAnyPort().host("127.0.0.1"))
          .start();
    } catch (UncheckedIOException e) {
      throw new CommandFailure(CommandFailure.FAILED, String.valueOf(e.getMessage()));
    }
  }
}
