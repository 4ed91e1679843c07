package io.carrick.benchmarks.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command: runs scenarios against a broker and prints a table. Confined to its thread. */
@Command(
    name = "carrick-load",
    mixinStandardHelpOptions = true,
    description = "Measures an MQTT or AMQP 0-9-1 broker by host and port.")
public final class CarrickLoad implements Callable<Integer> {

  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--mqtt", paramLabel = "HOST:PORT", description = "where it speaks MQTT")
  private @Nullable InetSocketAddress mqtt;

  @Option(names = "--amqp", paramLabel = "HOST:PORT", description = "where it speaks AMQP")
  private @Nullable InetSocketAddress amqp;

  @Option(
      names = "--mqtt-login",
      paramLabel = "USER:PASSWORD",
      description = "who the MQTT clients are (default: nobody)")
  private Login mqttLogin = new Login("", "");

  @Option(
      names = "--amqp-login",
      paramLabel = "USER:PASSWORD",
      description = "who the AMQP clients are (default: guest:guest)")
  private Login amqpLogin = new Login("guest", "guest");

  @Option(names = "--pid", description = "the broker's process here: reads its CPU time")
  private @Nullable Long pid;

  @Option(names = "--list", description = "shows the scenarios and ends")
  private boolean list;

  @Option(names = "--size", description = "bytes of a payload, instead of the scenario's")
  private int size;

  @Option(names = "--rate", description = "messages per second, instead of the scenario's")
  private int rate;

  @Option(names = "--window", description = "messages under way, instead of the scenario's")
  private int window;

  @Option(names = "--warm-up", description = "seconds before measuring (default: 3)")
  private int warmUp = 3;

  @Option(names = "--duration", description = "seconds to measure (default: 5)")
  private int duration = 5;

  @Option(names = "--json", paramLabel = "FILE", description = "writes the results there, too")
  private @Nullable Path json;

  @Parameters(paramLabel = "SCENARIO", description = "which to run (default: all that fit)")
  private List<String> names = List.of();

  private CarrickLoad() {}

  /** Runs the command and ends the process: 0 if nothing was lost, 1 if something was, 2 misuse. */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new CarrickLoad())
        .registerConverter(InetSocketAddress.class, CarrickLoad::address)
        .registerConverter(Login.class, CarrickLoad::login)
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> {
              command.getErr().println("carrick-load: " + failure.getMessage());
              return failure instanceof IOException ? 1 : 2;
            });
  }

  private static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    return new InetSocketAddress(
        text.substring(0, Math.max(0, colon)), Integer.parseInt(text.substring(colon + 1)));
  }

  private static Login login(String text) {
    int colon = text.indexOf(':');
    return new Login(text.substring(0, Math.max(0, colon)), text.substring(colon + 1));
  }

  @Override
  public Integer call() throws IOException {
    CommandSpec command = java.util.Objects.requireNonNull(spec);
    PrintWriter out = command.commandLine().getOut();
    if (list) {
      Scenario.all().forEach(s -> out.printf("%-16s %s%n", s.name(), s.what()));
      out.flush();
      return 0;
    }
    if (mqtt == null && amqp == null) {
      throw new ParameterException(command.commandLine(), "say where: --mqtt or --amqp HOST:PORT");
    }
    var results = new ArrayList<Result>();
    out.println(Result.header());
    for (Scenario scenario : chosen()) {
      Result result = new Run(scenario, target()).measure(times(), progress(command, scenario));
      results.add(result);
      out.println(result.row());
      out.flush();
    }
    if (json != null) {
      Files.writeString(
          json,
          results.stream().map(Result::json).collect(Collectors.joining(",\n", "[\n", "\n]\n")));
    }
    return results.stream().allMatch(r -> r.lost() == 0) ? 0 : 1;
  }

  private List<Scenario> chosen() {
    Target target = target();
    List<Scenario> chosen =
        names.isEmpty()
            ? Scenario.all().stream().filter(target::serves).toList()
            : names.stream().map(Scenario::named).toList();
    return chosen.stream().map(this::adapted).toList();
  }

  private Scenario adapted(Scenario s) {
    return s.with(
        size == 0 ? s.size() : size,
        rate == 0 ? s.rate() : rate,
        window == 0 ? s.window() : window);
  }

  private Target target() {
    ProcessHandle process = pid == null ? null : ProcessHandle.of(pid).orElse(null);
    return new Target(mqtt, amqp, mqttLogin, amqpLogin, process);
  }

  private Run.Times times() {
    return new Run.Times(
        Duration.ofSeconds(warmUp), Duration.ofSeconds(duration), Duration.ofSeconds(10));
  }

  private static Run.Progress progress(CommandSpec command, Scenario scenario) {
    PrintWriter err = command.commandLine().getErr();
    return (phase, perSecond) -> {
      err.printf("%s: %s, %,d messages/s%n", scenario.name(), phase, perSecond);
      err.flush();
    };
  }
}
