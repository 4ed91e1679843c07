package io.carrick.examples;

import io.carrick.Broker;
import io.carrick.Endpoint;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.examples.ctl.CtlFailure;
import io.carrick.examples.ctl.CtlServer;
import io.carrick.exchange.ExchangeTypes;
import io.carrick.journal.Journal;
import io.carrick.mqtt.Mqtt;
import io.carrick.spi.BrokerListener;
import io.carrick.transport.NettyLoops;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A standalone broker. The main thread waits here until the process ends. */
final class Server {

  /** How often files are looked at, as certificates are. */
  private static final long LOOK_SECONDS = 10;

  private Server() {}

  /**
   * Runs a broker for as long as the process lives.
   *
   * @throws CommandFailure when it cannot be started
   */
  static int run(ServeOptions options) throws InterruptedException {
    if (options.loops() < 1) {
      throw new CommandFailure(
          CommandFailure.WRONG_USE, "--loops is at least 1: " + options.loops());
    }
    Path data = options.data();
    if (data != null) {
      checkData(data);
    }
    Serving serving = Serving.begin(options);
    Broker broker = serving.broker();
    Optional<CtlServer> ctl = ctl(options, serving);
    // Here and not in the library: the process is ours.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(serving, ctl), "carrick-stop"));
    System.out.println(
        "carrick ready "
            + endpoints(options)
                .map(endpoint -> place(broker, endpoint))
                .collect(Collectors.joining(" "))
            + " in "
            + Stopwatch.msSinceProcessStart()
            + " ms");
    var never = new CountDownLatch(1);
    while (!never.await(LOOK_SECONDS, TimeUnit.SECONDS)) {
      serving.look();
    }
    return 0;
  }

  private static Optional<CtlServer> ctl(ServeOptions options, Serving serving) {
    Path socket = options.ctl();
    if (socket == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(CtlServer.start(socket, serving));
    } catch (CtlFailure e) {
      serving.end();
      throw new CommandFailure(CommandFailure.FAILED, String.valueOf(e.getMessage()));
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

  /** Returns in which virtual hosts there are endpoints of their own. */
  static List<String> virtualHosts(ServeOptions options) {
    return Stream.concat(options.mqtt().stream(), options.amqp().stream())
        .flatMap(endpoint -> endpoint.virtualHost().stream())
        .toList();
  }

  /**
   * Starts what was asked for.
   *
   * @param files who there is
   */
  static Broker start(ServeOptions options, RuleFiles files) {
    try {
      EmbeddedBroker.Builder builder =
          EmbeddedBroker.builder()
              .loops(NettyLoops.factory(options.loops()))
              .exchangeTypes(ExchangeTypes.all())
              .limits(options.rules().limits())
              .mapping(options.rules().mapping())
              .listener(new EndOfProcess());
      files.describe(builder);
      virtualHosts(options).forEach(builder::virtualHost);
      mqtt(options).ifPresent(builder::adapter);
      amqp(options).ifPresent(builder::adapter);
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

  private static Optional<Mqtt> mqtt(ServeOptions options) {
    Mqtt adapter = null;
    for (Endpoint endpoint : options.mqtt()) {
      adapter = adapter == null ? Mqtt.on(endpoint) : adapter.endpoint(endpoint);
    }
    return Optional.ofNullable(adapter)
        .map(made -> options.rules().mqtt().apply(made).host(options.host()));
  }

  private static Optional<Amqp> amqp(ServeOptions options) {
    Amqp adapter = null;
    for (Endpoint endpoint : options.amqp()) {
      adapter = adapter == null ? Amqp.on(endpoint) : adapter.endpoint(endpoint);
    }
    return Optional.ofNullable(adapter).map(made -> made.host(options.host()));
  }

  private static Stream<Endpoint> endpoints(ServeOptions options) {
    return Stream.concat(options.mqtt().stream(), options.amqp().stream());
  }

  private static String place(Broker broker, Endpoint endpoint) {
    String name = endpoint.name().orElseThrow();
    return name
        + "="
        + endpoint.unixSocket().map(Path::toString).orElseGet(() -> text(broker.address(name)));
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
  private static void stop(Serving serving, Optional<CtlServer> ctl) {
    ctl.ifPresent(CtlServer::close);
    serving.end();
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }
}
