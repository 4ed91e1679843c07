package io.carrick.benchmarks.load;

import io.carrick.benchmarks.load.Scenario.Pace;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The command: runs scenarios against brokers and prints a table. Confined to its thread. */
@Command(
    name = "carrick-load",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measures MQTT and AMQP 0-9-1 brokers from outside, one or several in turn.")
public final class CarrickLoad implements Callable<Integer> {

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-b", "--broker"},
      paramLabel = "NAME,mqtt=HOST:PORT,amqp=HOST:PORT,ca=FILE,pid=N",
      description =
          "a broker, by one address or both; with the certificate of whoever signed its own, it is"
              + " spoken to over TLS; with its process here, its CPU time is read. May be given"
              + " several times: the brokers then take turns, scenario by scenario.")
  private List<Target> targets = List.of();

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

  @Option(
      names = "--connections",
      description = "opens so many MQTT connections that are silent, instead of any scenario")
  private int connections;

  @Option(
      names = "--hold",
      description = "seconds for which those stay, so that you can look (default: 0)")
  private int hold;

  @Option(
      names = "--handshakes",
      description =
          "connects, waits for the CONNACK and leaves, again and again, instead of any scenario;"
              + " no session of TLS is resumed")
  private boolean handshakes;

  @Option(names = "--rounds", description = "how often; the medians are shown (default: 1)")
  private int rounds = 1;

  @Option(names = "--json", paramLabel = "FILE", description = "writes the results there, too")
  private @Nullable Path json;

  @Option(names = "--svg", paramLabel = "FILE", description = "draws CPU per message there")
  private @Nullable Path svg;

  @Parameters(paramLabel = "SCENARIO", description = "which to run (default: all that fit)")
  private List<String> names = List.of();

  private int failures;

  private CarrickLoad() {}

  /** Runs the command and ends the process: 0 if nothing was lost, 1 if something was, 2 misuse. */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    ITypeConverter<Target> target =
        text -> {
          try {
            return Target.parse(text);
          } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
          }
        };
    return new CommandLine(new CarrickLoad())
        .registerConverter(Target.class, target)
        .registerConverter(Login.class, Login::parse)
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> {
              command.getErr().println("carrick-load: " + failure.getMessage());
              return failure instanceof IOException ? 1 : 2;
            });
  }

  @Override
  public Integer call() throws IOException {
    CommandLine command = Objects.requireNonNull(spec).commandLine();
    PrintWriter out = command.getOut();
    if (list) {
      Scenario.all().forEach(s -> out.printf("%-16s %s%n", s.name(), s.what()));
      out.flush();
      return 0;
    }
    if (targets.isEmpty()) {
      throw new ParameterException(command, "say which broker: --broker NAME,mqtt=HOST:PORT");
    }
    if (connections > 0) {
      return openConnections(out);
    }
    if (handshakes) {
      return shakeHands(out);
    }
    var results = new ArrayList<Result>();
    failures = 0;
    out.println(Result.header());
    for (Scenario scenario : chosen()) {
      for (Result result : measure(scenario, command.getErr())) {
        results.add(result);
        out.println(result.row());
        out.flush();
      }
    }
    write(results);
    return failures == 0 && results.stream().allMatch(r -> r.tally().lost() == 0) ? 0 : 1;
  }

  private int openConnections(PrintWriter out) throws IOException {
    out.println(IdleConnections.Opened.header());
    for (Target target : targets) {
      try (var idle = new IdleConnections(target, mqttLogin)) {
        out.println(idle.open(connections).row());
        out.flush();
        idle.hold(Duration.ofSeconds(hold));
      }
    }
    return 0;
  }

  private int shakeHands(PrintWriter out) throws IOException {
    var byTarget = new LinkedHashMap<Target, List<Handshakes.Made>>();
    for (int round = 0; round < rounds; round++) {
      for (Target target : targets) {
        byTarget
            .computeIfAbsent(target, t -> new ArrayList<>())
            .add(
                new Handshakes(target, mqttLogin)
                    .make(Duration.ofSeconds(warmUp), Duration.ofSeconds(duration)));
      }
    }
    out.println(Handshakes.Made.header());
    byTarget.values().forEach(made -> out.println(Handshakes.Made.median(made).row()));
    out.flush();
    return 0;
  }

  private List<Scenario> chosen() {
    List<Scenario> chosen =
        names.isEmpty()
            ? Scenario.all().stream()
                .filter(s -> targets.stream().anyMatch(t -> t.serves(s)))
                .toList()
            : names.stream().map(Scenario::named).toList();
    return chosen.stream().map(this::adapted).toList();
  }

  private Scenario adapted(Scenario s) {
    return s.at(
        new Pace(
            size == 0 ? s.pace().size() : size,
            window == 0 ? s.pace().window() : window,
            rate == 0 ? s.pace().rate() : rate));
  }

  /** Runs a scenario with every broker that fits it, in turns. */
  private List<Result> measure(Scenario scenario, PrintWriter err) {
    List<Target> fitting =
        names.isEmpty() ? targets.stream().filter(t -> t.serves(scenario)).toList() : targets;
    var byTarget = new ArrayList<List<Result>>();
    fitting.forEach(t -> byTarget.add(new ArrayList<>()));
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < fitting.size(); i++) {
        Target target = fitting.get(i);
        run(scenario, target, err).ifPresent(byTarget.get(i)::add);
      }
    }
    return byTarget.stream().filter(runs -> !runs.isEmpty()).map(Result::median).toList();
  }

  /** Runs once; a broker that cannot play is named, and the others go on. */
  private Optional<Result> run(Scenario scenario, Target target, PrintWriter err) {
    try {
      var run = new Run(scenario, target, new Cast.Logins(mqttLogin, amqpLogin));
      return Optional.of(run.measure(times(), progress(err, target, scenario)));
    } catch (IOException e) {
      failures++;
      err.printf("%s %s: failed: %s%n", target.name(), scenario.name(), e.getMessage());
      err.flush();
      return Optional.empty();
    }
  }

  private Run.Times times() {
    return new Run.Times(
        Duration.ofSeconds(warmUp), Duration.ofSeconds(duration), Duration.ofSeconds(10));
  }

  private static Run.Progress progress(PrintWriter err, Target target, Scenario scenario) {
    return (phase, perSecond) -> {
      err.printf("%s %s: %s, %,d messages/s%n", target.name(), scenario.name(), phase, perSecond);
      err.flush();
    };
  }

  private void write(List<Result> results) throws IOException {
    if (json != null) {
      String lines = results.stream().map(Result::json).collect(Collectors.joining(",\n"));
      Files.writeString(json, "[\n" + lines + "\n]\n");
    }
    if (svg != null) {
      Files.writeString(svg, Picture.of(results));
    }
  }
}
