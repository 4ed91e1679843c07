package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.ConnectionFactory;
import io.carrick.bridge.RawAmqp;
import io.carrick.bridge.RawMqtt;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code carrick serve} in a JVM with a small heap, and what must hold of it under any load.
 * Confined to the test's thread.
 */
final class SmallHeap implements AutoCloseable {

  private static final Pattern READY =
      Pattern.compile("carrick ready mqtt=127\\.0\\.0\\.1:(\\d+) amqp=127\\.0\\.0\\.1:(\\d+) .*");

  private static final Duration ENDS_WITHIN = Duration.ofSeconds(10);

  private static final int PATIENCE_MS = 60_000;

  /** More where the machine has others to serve, who are not what is measured. */
  private static final int GETS_IN_MS = Integer.getInteger("carrick.smallheap.patience-ms", 1_000);

  private final String heap;
  private final String[] options;
  private Program program;
  private InetSocketAddress mqtt;
  private InetSocketAddress amqp;

  private SmallHeap(String heap, String... options) throws Exception {
    this.heap = heap;
    this.options = options;
    start();
  }

  /**
   * Starts a broker.
   *
   * @param heap as behind {@code -Xmx}
   * @param options of {@code serve}, beside the ports
   */
  static SmallHeap serve(String heap, String... options) throws Exception {
    return new SmallHeap(heap, options);
  }

  private void start() throws Exception {
    String[] arguments = new String[5 + options.length];
    List<String> ports = List.of("serve", "--mqtt", "0", "--amqp", "0");
    ports.toArray(arguments);
    System.arraycopy(options, 0, arguments, ports.size(), options.length);
    program = Program.java(List.of("-Xmx" + heap), CarrickCommand.class, arguments);
    Matcher ready = READY.matcher(program.awaitLine("carrick ready"));
    assertThat(ready.matches()).isTrue();
    mqtt = new InetSocketAddress("127.0.0.1", Integer.parseInt(ready.group(1)));
    amqp = new InetSocketAddress("127.0.0.1", Integer.parseInt(ready.group(2)));
  }

  InetSocketAddress mqtt() {
    return mqtt;
  }

  InetSocketAddress amqp() {
    return amqp;
  }

  /** Lets it work for that long, and looks every second whether it lives and lets people in. */
  void staysOpenFor(Duration time) throws Exception {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() - end < 0) {
      program.goesOnFor(Duration.ofSeconds(1));
      letsNewClientsIn();
    }
  }

  /** Connects a client of each protocol, which takes a second at most, unless asked otherwise. */
  void letsNewClientsIn() {
    getsIn("MQTT", this::connectByMqtt);
    getsIn("AMQP", this::connectByAmqp);
  }

  @FunctionalInterface
  private interface Login {
    void run() throws IOException;
  }

  private void getsIn(String protocol, Login login) {
    long start = System.nanoTime();
    try {
      login.run();
    } catch (IOException e) {
      throw new AssertionError(
          "no new %s client gets in (%s); it says: %s".formatted(protocol, e, said()), e);
    }
    assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start))
        .as("milliseconds until a new %s client was in; it says: %s", protocol, said())
        .isLessThanOrEqualTo(GETS_IN_MS);
  }

  private void connectByMqtt() throws IOException {
    try (var client = new RawMqtt(mqtt)) {
      client.patience(GETS_IN_MS);
      client.connect("newcomer", true);
    }
  }

  private void connectByAmqp() throws IOException {
    new RawAmqp(amqp, GETS_IN_MS).close();
  }

  /** Returns what makes AMQP connections to it. */
  ConnectionFactory factory() {
    var factory = new ConnectionFactory(); // guest, guest, "/"
    factory.setHost("127.0.0.1");
    factory.setPort(amqp.getPort());
    factory.setAutomaticRecoveryEnabled(false);
    factory.setHandshakeTimeout(PATIENCE_MS);
    return factory;
  }

  /** Tells it to stop, which takes ten seconds at most and is no failure. */
  void stops() throws InterruptedException {
    program.terminate();
    assertThat(program.exitCode(ENDS_WITHIN)).as("exit code; it says: %s", said()).isZero();
    assertThat(said()).doesNotContain("OutOfMemoryError").contains("closed");
  }

  /** Expects that it ends by itself because memory has run out, and says so in one line. */
  void endsOutOfMemory() throws InterruptedException {
    assertThat(program.exitCode(ENDS_WITHIN)).as("exit code; it says: %s", said()).isEqualTo(3);
    assertThat(said().lines().filter(line -> line.contains("OutOfMemoryError")))
        .singleElement()
        .asString()
        .startsWith("carrick: ended by an error: ");
  }

  /** Starts it again as it was, on what it has left. */
  void startsAgain() throws Exception {
    start();
    letsNewClientsIn();
  }

  /** Returns the end of what it has said on standard error. */
  private String said() {
    String all = program.errors();
    return all.substring(Math.max(0, all.length() - 4_000));
  }

  @Override
  public void close() {
    program.close();
  }
}
