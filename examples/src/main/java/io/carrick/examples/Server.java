package io.carrick.examples;

import io.carrick.Broker;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.journal.Journal;
import io.carrick.mqtt.Mqtt;
import io.carrick.spi.BrokerListener;
import io.carrick.transport.NettyLoops;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A standalone broker. The main thread waits here until the process ends. */
final class Server {

  private static final int MAX_PORT = 65_535;

  private Server() {}

  /**
   * Runs a broker for as long as the process lives.
   *
   * @throws CommandFailure when it cannot be started
   */
  static int run(ServeOptions options) throws InterruptedException {
    checkPort("--mqtt", options.mqttPort());
    checkPort("--amqp", options.amqpPort());
    if (options.loops() < 1) {
      throw new CommandFailure(
          CommandFailure.WRONG_USE, "--loops is at least 1: " + options.loops());
    }
    Path data = options.data();
    if (data != null) {
      checkData(data);
    }
    Broker broker = start(options);
    // Here and not in the library: the process is ours.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(broker), "carrick-stop"));
    System.out.println(
        "carrick ready mqtt="
            + text(broker.address("mqtt"))
            + " amqp="
            + text(broker.address("amqp"))
            + " in "
            + Stopwatch.msSinceProcessStart()
            + " ms");
    new CountDownLatch(1).await();
    return 0;
  }

  private static void checkPort(String option, int port) {
    if (port < 0 || port > MAX_PORT) {
      throw new CommandFailure(
          CommandFailure.WRONG_USE, option + " is 0 to " + MAX_PORT + ": " + port);
    }
  }

  private static void checkData(Path folder) {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new CommandFailure(CommandFailure.FAILED, "--data " + folder + " is not a directory");
    }
    if (!Files.isWritable(firstThatExists(folder.toAbsolutePath()))) {
      throw new CommandFailure(CommandFailure.FAILED, "--data " + folder + " cannot be written to");
    }
  }

  private static Path firstThatExists(Path folder) {
    Path there = folder;
    Path parent = there.getParent();
    while (!Files.exists(there) && parent != null) {
      there = parent;
      parent = there.getParent();
    }
    return there;
  }

  /** Starts what was asked for. */
  static Broker start(ServeOptions options) {
    try {
      EmbeddedBroker.Builder builder =
          EmbeddedBroker.builder()
              .loops(NettyLoops.factory(options.loops()))
              .listener(new EndOfProcess())
              .adapter(Mqtt.onPort(options.mqttPort()).host(options.host()))
              .adapter(Amqp.onPort(options.amqpPort()).host(options.host()));
      Path data = options.data();
      if (data != null) {
        Journal journal = Journal.in(data).sync(Journal.Sync.valueOf(options.sync().name()));
        builder.store(options.skipDamaged() ? journal.skipDamaged() : journal);
      }
      return builder.start();
    } catch (UncheckedIOException e) {
      throw new CommandFailure(CommandFailure.FAILED, String.valueOf(e.getMessage()));
    }
  }

  /** Returns an address as a user types it. */
  static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  /** A process that is half alive helps nobody: it ends at once, and whoever started it knows. */
  private static final class EndOfProcess implements BrokerListener {
    @Override
    public void onFailed(Throwable cause) {
      System.err.println("carrick: ended by an error: " + cause);
      Runtime.getRuntime().halt(CommandFailure.BROKEN_DOWN);
    }
  }

  /** Closes in order and ends the process with 0: to be told to stop is no failure. */
  private static void stop(Broker broker) {
    broker.close();
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }
}
