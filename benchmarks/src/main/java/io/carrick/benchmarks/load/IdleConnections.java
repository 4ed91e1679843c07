package io.carrick.benchmarks.load;

import io.carrick.benchmarks.load.MqttPeer.Settings;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * MQTT clients that connect, subscribe to a topic of their own each, and are silent. Confined to
 * the thread that calls it.
 */
final class IdleConnections implements AutoCloseable {

  private static final int AT_A_TIME = 100;
  private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(2);

  private final Target target;
  private final Login login;
  private final Selector selector = Selector.open();
  private final List<Link> links = new ArrayList<>();

  IdleConnections(Target target, Login login) throws IOException {
    this.target = target;
    this.login = login;
  }

  /**
   * What came of it. Immutable.
   *
   * @param broker whose they are
   * @param connections how many
   * @param seconds until all were connected and subscribed
   * @param residentKb memory that the broker's process took for each; empty where nobody counts it
   */
  record Opened(String broker, int connections, double seconds, String residentKb) {

    static String header() {
      return "%-12s %11s %9s %11s".formatted("broker", "connections", "seconds", "KB RSS each");
    }

    String row() {
      return String.format(
          Locale.ROOT, "%-12s %,11d %9.2f %11s", broker, connections, seconds, residentKb);
    }
  }

  /**
   * Connects them, a hundred at a time.
   *
   * @throws IOException if the broker refuses one, or is too slow
   */
  Opened open(int connections) throws IOException {
    OptionalLong before = residentKb();
    long start = Now.nanos();
    int ready = 0;
    while (ready < connections) {
      if (Now.nanos() - start > LONGEST_NANOS) {
        throw new IOException("the broker has answered %,d clients only".formatted(ready));
      }
      while (links.size() < connections && links.size() < ready + AT_A_TIME) {
        connect(links.size());
      }
      exchange();
      while (ready < links.size() && links.get(ready).peer().ready()) {
        ready++;
      }
    }
    double seconds = (Now.nanos() - start) / 1e9;
    OptionalLong after = residentKb();
    String each =
        before.isPresent() && after.isPresent()
            ? String.format(
                Locale.ROOT,
                "%.1f",
                (after.getAsLong() - before.getAsLong()) / (double) connections)
            : "-";
    return new Opened(target.name(), connections, seconds, each);
  }

  /**
   * Stays connected.
   *
   * @throws IOException if the broker closes a connection
   */
  void hold(Duration time) throws IOException {
    long end = Now.nanos() + time.toNanos();
    while (Now.nanos() < end) {
      exchange();
    }
  }

  private void connect(int number) throws IOException {
    String id = "idle-" + Long.toString(Now.nanos(), Character.MAX_RADIX) + "-" + number;
    var settings = new Settings(login, id, true, 1, "", List.of("idle/" + number));
    var client = new MqttPeer(settings, (in, at, length) -> {});
    Link link = Link.connectSmall(target, selector, client);
    links.add(link);
    link.flush();
  }

  private void exchange() throws IOException {
    selector.select(10);
    for (SelectionKey key : selector.selectedKeys()) {
      Link link = (Link) key.attachment();
      if (key.isReadable()) {
        link.read();
      }
      link.flush();
    }
    selector.selectedKeys().clear();
  }

  private OptionalLong residentKb() throws IOException {
    ProcessHandle process = target.process();
    Path status =
        Path.of("/proc", process == null ? "none" : Long.toString(process.pid()), "status");
    if (!Files.isReadable(status)) {
      return OptionalLong.empty();
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst();
  }

  @Override
  public void close() throws IOException {
    for (Link link : links) {
      link.close();
    }
    selector.close();
  }
}
