package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Broker;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A broker is a guest in this JVM: quick to come and go, and it leaves nothing behind. */
class LifecycleTest {

  private static final int TIMES = 200;
  private static final int WARM_UPS = 20;
  private static final long MOST_MS = 50;

  /** Netty ends this thread of its own some time after its last use. */
  private static final String GLOBAL_EXECUTOR = "globalEventExecutor";

  private static Broker start() {
    return EmbeddedBroker.builder().adapter(Mqtt.onAnyPort()).adapter(Amqp.onAnyPort()).start();
  }

  @BeforeAll
  static void warmUp() {
    for (int i = 0; i < WARM_UPS; i++) {
      start().close();
    }
  }

  private static Set<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> !name.startsWith(GLOBAL_EXECUTOR))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static long openFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }

  @Test
  void twoHundredTimesItStartsAndStopsWithinFiftyMilliseconds() {
    var stopwatch = new Stopwatch();
    var took = new ArrayList<Long>();
    for (int i = 0; i < TIMES; i++) {
      long before = stopwatch.elapsed().toMillis();
      start().close();
      took.add(stopwatch.elapsed().toMillis() - before);
    }

    // What else the machine does may hold single ones up.
    assertThat(took.stream().filter(ms -> ms < MOST_MS))
        .as("under %d ms of %s", MOST_MS, took)
        .hasSizeGreaterThanOrEqualTo(TIMES * 95 / 100);
    assertThat(took.stream().mapToLong(ms -> ms).sum()).isLessThan(TIMES * MOST_MS);
  }

  @Test
  void itLeavesNoThread() {
    Set<String> before = threads();
    for (int i = 0; i < WARM_UPS; i++) {
      start().close();
    }

    assertThat(before).containsAll(threads());
  }

  @Test
  void itLeavesNoPort() {
    Broker broker = start();
    InetSocketAddress mqtt = broker.address("mqtt");
    InetSocketAddress amqp = broker.address("amqp");
    broker.close();

    for (InetSocketAddress address : new InetSocketAddress[] {mqtt, amqp}) {
      assertThatThrownBy(() -> new Socket(address.getAddress(), address.getPort()).close())
          .isInstanceOf(ConnectException.class);
    }
  }

  @Test
  void itLeavesNoFileOpen() throws IOException {
    Assumptions.assumeTrue(
        Files.isDirectory(Path.of("/proc/self/fd")), "no /proc to count files in");
    long before = openFiles();
    for (int i = 0; i < WARM_UPS; i++) {
      start().close();
    }

    assertThat(openFiles()).isLessThanOrEqualTo(before);
  }

  @Test
  void aBrokerThatCannotBindLeavesNothingEither() throws IOException {
    Set<String> threads = threads();
    try (Broker first = start()) {
      int taken = first.address("amqp").getPort();
      Set<String> withFirst = threads();
      long files = openFiles();

      assertThatThrownBy(
              () ->
                  EmbeddedBroker.builder()
                      .adapter(Mqtt.onAnyPort())
                      .adapter(Amqp.onPort(taken))
                      .start())
          .hasMessageContaining("cannot listen on")
          .hasMessageContaining(Integer.toString(taken));

      assertThat(withFirst).containsAll(threads());
      assertThat(openFiles()).isLessThanOrEqualTo(files);
    }
    assertThat(threads).containsAll(threads());
  }

  @Test
  void twoBrokersInOneJvmNeverMeet() {
    try (Broker one = start();
        Broker other = start();
        var client = one.connect()) {
      client.topology().queue("here").declare();

      assertThat(one.queues()).hasSize(1);
      assertThat(other.queues()).isEmpty();
      assertThat(other.connections()).isEmpty();
    }
  }
}
