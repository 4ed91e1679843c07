package io.carrick.benchmarks.load;

import io.carrick.benchmarks.load.MqttPeer.Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * MQTT clients that connect, each with a handshake of its own, wait for the CONNACK and leave,
 * again and again. Confined to the thread that calls it, but for the counting of its threads.
 */
final class Handshakes {

  private static final int THREADS = 4;
  private static final int BUFFER = 1_024;

  private final Target target;
  private final Login login;

  Handshakes(Target target, Login login) {
    this.target = target;
    this.login = login;
  }

  /**
   * What came of it. Immutable.
   *
   * @param broker whose they are
   * @param connections how many were made while it was measured
   * @param rate how many in a second
   * @param cpuMillis CPU time of the broker for each, if its process is known
   * @param terms version, cipher suite and key
   */
  record Made(
      String broker, long connections, double rate, OptionalDouble cpuMillis, String terms) {

    /** Returns the median of each figure, and all connections together. */
    static Made median(List<Made> rounds) {
      Made first = rounds.get(0);
      boolean cpu = rounds.stream().allMatch(r -> r.cpuMillis.isPresent());
      return new Made(
          first.broker,
          rounds.stream().mapToLong(Made::connections).sum(),
          Result.median(rounds, Made::rate),
          cpu
              ? OptionalDouble.of(Result.median(rounds, r -> r.cpuMillis.orElseThrow()))
              : OptionalDouble.empty(),
          first.terms);
    }

    static String header() {
      return "%-12s %11s %9s %11s  %s"
          .formatted("broker", "connections", "conn/s", "CPU ms each", "TLS");
    }

    String row() {
      return String.format(
          Locale.ROOT,
          "%-12s %,11d %,9.0f %11s  %s",
          broker,
          connections,
          rate,
          cpuMillis.isPresent() ? String.format(Locale.ROOT, "%.3f", cpuMillis.getAsDouble()) : "-",
          terms);
    }
  }

  /**
   * Connects for a while, and measures for another.
   *
   * @throws IOException if the broker refuses one
   */
  Made make(Duration warmUp, Duration measure) throws IOException {
    String terms = connect("first");
    connectFor(warmUp);
    Optional<Duration> cpuBefore = target.cpu();
    long before = Now.nanos();
    long made = connectFor(measure);
    double seconds = (Now.nanos() - before) / 1e9;
    Optional<Duration> cpuAfter = target.cpu();
    OptionalDouble cpu =
        cpuBefore.isPresent() && cpuAfter.isPresent()
            ? OptionalDouble.of(
                cpuAfter.get().minus(cpuBefore.get()).toNanos() / 1e6 / Math.max(1, made))
            : OptionalDouble.empty();
    return new Made(target.name(), made, made / seconds, cpu, terms);
  }

  private long connectFor(Duration time) throws IOException {
    long end = Now.nanos() + time.toNanos();
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      var counts = new ArrayList<Future<Long>>();
      for (int i = 0; i < THREADS; i++) {
        String thread = Integer.toString(i);
        counts.add(threads.submit(() -> connectUntil(end, thread)));
      }
      long made = 0;
      for (Future<Long> count : counts) {
        made += count.get();
      }
      return made;
    } catch (ExecutionException e) {
      throw new IOException(e.getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      threads.shutdownNow();
    }
  }

  private long connectUntil(long end, String thread) throws IOException {
    long made = 0;
    while (Now.nanos() < end) {
      connect(thread + "-" + made);
      made++;
    }
    return made;
  }

  /** Connects once, waiting for each answer, and leaves; returns what TLS was agreed on. */
  private String connect(String name) throws IOException {
    String id = "hand-" + Long.toString(Now.nanos(), Character.MAX_RADIX) + "-" + name;
    var client =
        new MqttPeer(new Settings(login, id, true, 0, "", List.of()), (in, at, length) -> {});
    try (SocketChannel socket = Wire.socket(target, true)) {
      Wire wire = Wire.over(socket, target);
      ByteBuffer out = ByteBuffer.allocate(BUFFER);
      client.start(bytes -> out);
      wire.write(out.flip());
      ByteBuffer in = ByteBuffer.allocate(BUFFER);
      while (!client.ready()) {
        if (wire.read(in) < 0) {
          throw new IOException("the broker has closed the connection of " + client);
        }
        client.read(in.flip());
        in.compact();
      }
      out.clear();
      client.leave();
      wire.write(out.flip());
      return wire instanceof TlsWire tls ? tls.terms() : "none";
    }
  }
}
