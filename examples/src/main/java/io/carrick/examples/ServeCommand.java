package io.carrick.examples;

import io.carrick.examples.ServeOptions.Sync;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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

  @Option(names = "--mqtt", paramLabel = "PORT", description = "MQTT port, 0 for any.")
  private int mqttPort = ServeOptions.DEFAULT_MQTT_PORT;

  @Option(names = "--amqp", paramLabel = "PORT", description = "AMQP port, 0 for any.")
  private int amqpPort = ServeOptions.DEFAULT_AMQP_PORT;

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

  @Override
  public Integer call() throws InterruptedException {
    return Server.run(new ServeOptions(host, mqttPort, amqpPort, loops, data, sync, skipDamaged));
  }
}
