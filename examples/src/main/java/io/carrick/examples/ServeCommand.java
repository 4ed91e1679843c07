package io.carrick.examples;

import io.carrick.Endpoint;
import io.carrick.examples.ServeOptions.Sync;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command line of {@link Server}. Confined to the main thread. */
@Command(
    name = "serve",
    description = "Runs a broker until it is told to stop (SIGTERM or Ctrl-C).",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class ServeCommand implements Callable<Integer> {

  @Option(names = "--host", paramLabel = "H", description = "Address to listen on.")
  private String host = ServeOptions.DEFAULT_HOST;

  @Option(
      names = "--mqtt",
      paramLabel = ServeEndpoints.FORM,
      description = "MQTT port, 0 for any, or 'none'; may be repeated.")
  private List<String> mqtt = List.of(ServeOptions.DEFAULT_MQTT_PORT);

  @Option(
      names = "--amqp",
      paramLabel = ServeEndpoints.FORM,
      description = "AMQP port, 0 for any, or 'none'; may be repeated.")
  private List<String> amqp = List.of(ServeOptions.DEFAULT_AMQP_PORT);

  @ArgGroup(exclusive = false, heading = "WebSocket, Unix sockets, proxies:%n")
  private WireOptions wires = new WireOptions();

  @ArgGroup(exclusive = false, heading = "TLS, by usual custom on ports 8883 and 5671:%n")
  private TlsOptions tls = new TlsOptions();

  @Option(
      names = "--loops",
      paramLabel = "N",
      description = "Threads that do the work; on a machine of its own, one for each processor.")
  private int loops = ServeOptions.DEFAULT_LOOPS;

  @Option(names = "--data", paramLabel = "DIR", description = "Directory to keep messages in.")
  private @Nullable Path data;

  @Option(
      names = "--sync",
      paramLabel = "fsync|os|none",
      description = "When a stored message counts as safe.")
  private Sync sync = Sync.FSYNC;

  @Option(
      names = "--skip-damaged",
      description = "Pass over damaged records, which are logged, instead of refusing to start.")
  private boolean skipDamaged;

  @Option(
      names = "--ctl",
      paramLabel = "PATH",
      description = "Unix-domain socket for 'carrick ctl', for this user only.")
  private @Nullable Path ctl;

  @ArgGroup(exclusive = false, heading = "Who may do what, and how much of it (docs/serve.md):%n")
  private RuleOptions rules = new RuleOptions();

  @Override
  public Integer call() throws InterruptedException {
    UnaryOperator<Endpoint> secured = tls.read();
    List<Endpoint> mqttEndpoints = new ArrayList<>();
    mqttEndpoints.addAll(ServeEndpoints.read("mqtt", mqtt, wires::raw));
    mqttEndpoints.addAll(
        ServeEndpoints.read("mqtts", tls.mqtts(), e -> secured.apply(wires.raw(e))));
    mqttEndpoints.addAll(ServeEndpoints.read("ws", wires.ws(), wires::webSocket));
    mqttEndpoints.addAll(
        ServeEndpoints.read("wss", tls.wss(), e -> secured.apply(wires.webSocket(e))));
    mqttEndpoints.addAll(ServeEndpoints.unix("mqtt-unix", wires.mqttSockets()));
    List<Endpoint> amqpEndpoints = new ArrayList<>();
    amqpEndpoints.addAll(ServeEndpoints.read("amqp", amqp, wires::raw));
    amqpEndpoints.addAll(
        ServeEndpoints.read("amqps", tls.amqps(), e -> secured.apply(wires.raw(e))));
    amqpEndpoints.addAll(ServeEndpoints.unix("amqp-unix", wires.amqpSockets()));
    return Server.run(
        new ServeOptions(
            host, mqttEndpoints, amqpEndpoints, loops, data, sync, skipDamaged, ctl, rules.read()));
  }
}
