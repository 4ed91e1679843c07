package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Broker;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.journal.Journal;
import io.carrick.journal.Journal.Sync;
import io.carrick.mqtt.Mqtt;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * A broker in a process of its own, to be killed. Confined to the test's thread, but for its end.
 */
final class CrashBroker {

  private static final long PATIENCE_SECONDS = 60;
  private static final String COPIED = "copied";

  private final Process process;
  private InetSocketAddress mqtt = new InetSocketAddress("127.0.0.1", 0);
  private InetSocketAddress amqp = mqtt;
  private volatile boolean over;

  /**
   * What varies from one start to the next.
   *
   * @param sync of the journal; without a loss of power, both are as good
   * @param segmentBytes of the journal
   * @param windowMessages of a queue, beyond which messages are in files
   */
  record Setting(Sync sync, int segmentBytes, int windowMessages) {

    static Setting any(Random random) {
      return new Setting(
          random.nextBoolean() ? Sync.FSYNC : Sync.OS,
          64 << (10 + random.nextInt(5)),
          16 << random.nextInt(8));
    }
  }

  private CrashBroker(Process process) {
    this.process = process;
  }

  /** Launches a broker on a journal, and does not wait for it. */
  static CrashBroker launch(Path directory, Setting setting) throws IOException {
    return new CrashBroker(
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                CrashBroker.class.getName(),
                directory.toString(),
                setting.sync.name(),
                Integer.toString(setting.segmentBytes),
                Integer.toString(setting.windowMessages))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  /** Waits until both its ports accept. */
  void awaitPorts() throws IOException {
    String ports = process.inputReader(StandardCharsets.UTF_8).readLine();
    if (ports == null) {
      throw new IOException("the broker did not start");
    }
    String[] words = ports.split(" ");
    mqtt = new InetSocketAddress("127.0.0.1", Integer.parseInt(words[0]));
    amqp = new InetSocketAddress("127.0.0.1", Integer.parseInt(words[1]));
  }

  InetSocketAddress mqtt() {
    return mqtt;
  }

  InetSocketAddress amqp() {
    return amqp;
  }

  /** Lets it run for a while. */
  void run(long ms) throws InterruptedException {
    if (process.waitFor(ms, TimeUnit.MILLISECONDS)) {
      throw new AssertionError("the broker has ended by itself: " + process.exitValue());
    }
  }

  /** Ends it in the middle of whatever it does: on Unix this is SIGKILL. */
  void kill() throws InterruptedException {
    over = true;
    process.destroyForcibly();
    awaitEnd();
  }

  /** Has it copy its store while it works. */
  void snapshot(Path copy) throws IOException {
    Writer out = process.outputWriter(StandardCharsets.UTF_8);
    out.write(copy + "\n");
    out.flush();
    String answer = process.inputReader(StandardCharsets.UTF_8).readLine();
    assertThat(answer).as("the answer of the broker").isEqualTo(COPIED);
  }

  /** Closes it in order. */
  void close() throws InterruptedException, IOException {
    over = true;
    process.getOutputStream().close();
    awaitEnd();
    if (process.exitValue() != 0) {
      throw new AssertionError("the broker has ended with " + process.exitValue());
    }
  }

  /** Whether its clients have a reason to lose their connections. */
  boolean over() {
    return over;
  }

  private void awaitEnd() throws InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the broker does not end");
    }
  }

  /**
   * The child process: a broker until its standard input ends, so that it does not outlive the
   * test. Each line of the input names a directory for a copy.
   *
   * @param args the directory and the {@link Setting}
   */
  public static void main(String[] args) throws IOException {
    Limits limits = Limits.defaults().with(Limit.QUEUE_WINDOW_MESSAGES, Integer.parseInt(args[3]));
    Journal journal =
        Journal.in(Path.of(args[0]))
            .sync(Sync.valueOf(args[1]))
            .segmentBytes(Integer.parseInt(args[2]));
    try (Broker broker =
        EmbeddedBroker.builder()
            .adapter(Mqtt.onAnyPort())
            .adapter(Amqp.onAnyPort())
            .limits(limits)
            .store(journal)
            .start()) {
      System.out.println(broker.address("mqtt").getPort() + " " + broker.address("amqp").getPort());
      var parent = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String copy = parent.readLine(); copy != null; copy = parent.readLine()) {
        broker.snapshot(Path.of(copy));
        System.out.println(COPIED);
      }
    }
  }
}
