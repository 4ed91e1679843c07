package io.carrick.examples;

import java.util.ArrayList;
import java.util.List;

/** What the demo has counted, flow by flow. Immutable; the flows are thread-safe. */
final class Tally {

  private static final int QOS_LEVELS = 3;

  private final Stopwatch watch = new Stopwatch();
  private final List<Flow> readings = new ArrayList<>();
  private final Flow commands = new Flow("commands, AMQP to MQTT", true);

  Tally() {
    for (int qos = 0; qos < QOS_LEVELS; qos++) {
      // QoS 0 is not acknowledged by anybody.
      readings.add(new Flow("readings, MQTT QoS " + qos + " to AMQP", qos > 0));
    }
  }

  /** Returns the readings of one quality of service. */
  Flow readings(int qos) {
    return readings.get(qos);
  }

  /** Returns what the service tells the devices. */
  Flow commands() {
    return commands;
  }

  /** Returns nanoseconds since the demo began: what latencies are measured with. */
  long nanos() {
    return watch.nanos();
  }

  boolean nothingLost() {
    return all().stream().allMatch(Flow::complete);
  }

  /** Returns how many messages have arrived, of all flows. */
  long received() {
    return all().stream().mapToLong(Flow::received).sum();
  }

  String progress(long seconds) {
    long sent = readings.stream().mapToLong(Flow::sent).sum();
    long received = readings.stream().mapToLong(Flow::received).sum();
    return String.format(
        "%3d s  readings sent %,d received %,d  commands sent %,d received %,d",
        seconds, sent, received, commands.sent(), commands.received());
  }

  String report() {
    var text = new StringBuilder(Flow.HEADING).append('\n');
    all().forEach(flow -> text.append(flow.line()).append('\n'));
    long lost = all().stream().mapToLong(Flow::lost).sum();
    return text.append(lost == 0 ? "nothing was lost" : lost + " messages were lost").toString();
  }

  private List<Flow> all() {
    var all = new ArrayList<>(readings);
    all.add(commands);
    return all;
  }
}
