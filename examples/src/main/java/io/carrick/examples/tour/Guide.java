package io.carrick.examples.tour;

import io.carrick.Broker;
import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.Deque;

/** Brings clients to a stop, says what happens there, and closes them after it. For one thread. */
final class Guide {

  final Broker broker;

  private final PrintStream out;
  private final Deque<AutoCloseable> clients = new ArrayDeque<>();

  Guide(Broker broker, PrintStream out) {
    this.broker = broker;
    this.out = out;
  }

  /** Prints a line. */
  void says(String line) {
    out.println("  " + line);
  }

  /** Prints several lines as they are. */
  void shows(String lines) {
    lines.lines().forEach(this::says);
  }

  /** Brings a client of MQTT 5. */
  Device device(String clientId) {
    return keep(Device.connect(broker.address("mqtt"), clientId));
  }

  /** Brings a client of MQTT 5 whose session stays when it leaves. */
  Device deviceThatReturns(String clientId) {
    return keep(Device.connectForADay(broker.address("mqtt"), clientId));
  }

  /** Brings a client of MQTT 5 that wants nothing that it gets. */
  Device deviceThatRejects(String clientId, String why) {
    return keep(Device.connectToReject(broker.address("mqtt"), clientId, why));
  }

  /** Brings a client of AMQP. */
  Service service(String name) throws Exception {
    return keep(Service.connect(broker.address("amqp"), name));
  }

  private <T extends AutoCloseable> T keep(T client) {
    clients.push(client);
    return client;
  }

  /** Closes the clients of a stop. */
  void seesOff() throws Exception {
    while (!clients.isEmpty()) {
      clients.pop().close();
    }
  }
}
