package io.carrick.benchmarks.load;

import io.carrick.benchmarks.load.Result.Latency;
import io.carrick.benchmarks.load.Result.Tally;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** One run of one scenario. Confined to the thread that calls it. */
final class Run {

  private static final int MESSAGES_AT_A_TIME = 64;
  private static final long SET_UP_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long LONGEST_LATENCY_US = TimeUnit.SECONDS.toMicros(100);

  private final Scenario scenario;
  private final Target target;
  private final Cast cast;
  private final int stamp;
  private final Ledger ledger;
  private final Histogram latency = new Histogram(LONGEST_LATENCY_US, 3);
  private final List<Link> publishers = new ArrayList<>();
  private final List<Link> everyone = new ArrayList<>();
  private boolean measuring;
  private long delivered;
  private long scheduled;

  /** Takes note of how far a run is. */
  @FunctionalInterface
  interface Progress {
    /** Another second has passed. */
    void second(String phase, long messagesPerSecond);
  }

  /**
   * How long each part takes. Immutable.
   *
   * @param warmUp before the measuring
   * @param measure the measuring
   * @param drain at most, until everything has arrived
   */
  record Times(Duration warmUp, Duration measure, Duration drain) {}

  Run(Scenario scenario, Target target, Cast.Logins logins) {
    this.scenario = scenario;
    this.target = target;
    this.stamp = (int) (Now.nanos() & 0x7FFF_FFFF);
    this.cast = new Cast(scenario, logins, Integer.toString(stamp, Character.MAX_RADIX));
    this.ledger = new Ledger(scenario);
  }

  /**
   * Connects, sends, measures and cleans up.
   *
   * @throws IOException when the broker refuses or goes away
   */
  Result measure(Times times, Progress progress) throws IOException {
    try (Selector selector = Selector.open()) {
      connect(selector);
      long start = Now.nanos();
      send(selector, start, start + times.warmUp.toNanos(), progress, "warming up");

      Optional<Duration> cpuBefore = target.cpu();
      long before = Now.nanos();
      measuring = true;
      send(selector, start, before + times.measure.toNanos(), progress, "measuring");
      measuring = false;
      double seconds = (Now.nanos() - before) / 1e9;
      long measured = delivered;
      Optional<Duration> cpuAfter = target.cpu();

      publishers.forEach(link -> link.peer().pause());
      drain(selector, Now.nanos() + times.drain.toNanos());
      leave(selector);
      return new Result(
          target.name(),
          scenario,
          measured / seconds,
          cpuPerMillion(cpuBefore, cpuAfter, measured),
          Latency.of(latency),
          new Tally(
              ledger.totalReceived(), ledger.lost(), ledger.duplicates(), ledger.reordered()));
    } finally {
      for (Link link : everyone) {
        link.close();
      }
    }
  }

  private static OptionalDouble cpuPerMillion(
      Optional<Duration> before, Optional<Duration> after, long messages) {
    if (before.isEmpty() || after.isEmpty() || messages == 0) {
      return OptionalDouble.empty();
    }
    double micros = after.get().minus(before.get()).toNanos() / 1e3;
    return OptionalDouble.of(micros / messages); // seconds per million
  }

  // ---- connecting and leaving

  private void connect(Selector selector) throws IOException {
    boolean receivesMqtt = scenario.route().receivesMqtt();
    for (int i = 0; i < scenario.crowd().receivers(); i++) {
      int receiver = i;
      open(
          cast.receiver(i, (in, at, length) -> received(receiver, in, at)), receivesMqtt, selector);
    }
    await(selector);
    for (int i = 0; i < scenario.crowd().publishers(); i++) {
      publishers.add(open(cast.publisher(i), scenario.route().publishesMqtt(), selector));
    }
    await(selector);
  }

  private Link open(Peer peer, boolean overMqtt, Selector selector) throws IOException {
    Link link = Link.connect(target, overMqtt, selector, peer);
    everyone.add(link);
    return link;
  }

  private void await(Selector selector) throws IOException {
    long latest = Now.nanos() + SET_UP_NANOS;
    while (!everyone.stream().allMatch(link -> link.peer().ready())) {
      if (Now.nanos() > latest) {
        throw new IOException("the broker has not answered every client in time");
      }
      exchangeBytes(selector, 10);
    }
  }

  private void leave(Selector selector) throws IOException {
    goodbye();
    for (Peer sweeper : cast.sweepers()) {
      open(sweeper, true, selector);
    }
    await(selector);
    goodbye();
  }

  private void goodbye() throws IOException {
    for (Link link : everyone) {
      link.peer().leave();
      link.flush();
      link.close();
    }
    everyone.clear();
  }

  // ---- sending and receiving

  private void send(Selector selector, long start, long end, Progress progress, String phase)
      throws IOException {
    long nextSecond = Now.nanos() + TimeUnit.SECONDS.toNanos(1);
    long shown = ledger.totalReceived();
    long now = Now.nanos();
    while (now < end) {
      boolean idle = publish(start, now);
      // At a rate the clock is watched: a selector sleeps whole milliseconds only.
      exchangeBytes(selector, idle && scenario.pace().rate() == 0 ? 1 : 0);
      now = Now.nanos();
      if (now >= nextSecond) {
        long received = ledger.totalReceived();
        progress.second(phase, received - shown);
        shown = received;
        nextSecond += TimeUnit.SECONDS.toNanos(1);
      }
    }
  }

  /** Publishes what may be published now; returns whether nothing could be. */
  private boolean publish(long start, long now) {
    return scenario.pace().rate() == 0 ? !publishAll(now) : !publishDue(start, now);
  }

  private boolean publishAll(long now) {
    boolean any = false;
    for (int p = 0; p < publishers.size(); p++) {
      for (int i = 0; i < MESSAGES_AT_A_TIME && mayPublish(p); i++) {
        publish(p, now);
        any = true;
      }
    }
    return any;
  }

  /** Stamps the time at which a message was due, so that a late sender does not flatter anyone. */
  private boolean publishDue(long start, long now) {
    long due = (long) ((now - start) / 1e9 * scenario.pace().rate());
    boolean any = false;
    while (scheduled < due) {
      publish(
          (int) (scheduled % publishers.size()),
          start + (long) (scheduled * 1e9 / scenario.pace().rate()));
      scheduled++;
      any = true;
    }
    return any;
  }

  private boolean mayPublish(int publisher) {
    Link link = publishers.get(publisher);
    return ledger.underWay(publisher) < scenario.pace().window()
        && link.peer().unacknowledged() < scenario.pace().window()
        && !link.full();
  }

  private void publish(int publisher, long due) {
    var message = new Stamp(stamp, publisher, ledger.sent(publisher), due);
    publishers.get(publisher).peer().publish(message, scenario.pace().size());
  }

  private void received(int receiver, ByteBuffer in, int at) {
    Stamp message = Stamp.read(in, at);
    if (message.run() != stamp) {
      return; // another run's
    }
    ledger.received(receiver, message);
    if (measuring) {
      delivered++;
      long us = TimeUnit.NANOSECONDS.toMicros(Now.nanos() - message.sentNanos());
      latency.recordValue(Math.min(Math.max(us, 0), LONGEST_LATENCY_US));
    }
  }

  private void drain(Selector selector, long latest) throws IOException {
    while (ledger.lost() > 0 && Now.nanos() < latest) {
      exchangeBytes(selector, 10);
    }
  }

  private void exchangeBytes(Selector selector, long waitMs) throws IOException {
    for (Link link : everyone) {
      link.flush();
    }
    if (waitMs == 0) {
      selector.selectNow();
    } else {
      selector.select(waitMs);
    }
    for (SelectionKey key : selector.selectedKeys()) {
      if (key.isReadable()) {
        ((Link) key.attachment()).read();
      }
    }
    selector.selectedKeys().clear();
  }
}
