package io.carrick.examples;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The {@code carrick} command line, with help and words for every mistake. */
@Command(
    name = "carrick",
    description = "A message broker for MQTT and AMQP 0-9-1.",
    mixinStandardHelpOptions = true,
    versionProvider = CommandTree.Version.class,
    synopsisSubcommandLabel = "(ctl | demo | journal | passwd | serve)",
    subcommands = {
      CtlCommand.class,
      DemoCommand.class,
      JournalCommand.class,
      PasswdCommand.class,
      ServeCommand.class
    })
final class CommandTree implements Runnable {

  private CommandTree() {}

  static CommandLine commandLine() {
    return new CommandLine(new CommandTree())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(CommandTree::tellWrongUse)
        .setExecutionExceptionHandler(CommandTree::tellFailure);
  }

  /** Without a subcommand there is nothing to do but to say what there is. */
  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }

  private static int tellWrongUse(ParameterException wrong, String[] args) {
    String command = wrong.getCommandLine().getCommandSpec().qualifiedName();
    String first = String.valueOf(wrong.getMessage()).lines().findFirst().orElse("wrong use");
    System.err.println("carrick: " + first + " (see '" + command + " --help')");
    return CommandLine.ExitCode.USAGE;
  }

  private static int tellFailure(Exception failure, CommandLine command, ParseResult parsed)
      throws Exception {
    if (failure instanceof CommandFailure expected) {
      return expected.tell();
    }
    throw failure;
  }

  /** Reads the version from the jar's manifest. */
  static final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
      String version = CommandTree.class.getPackage().getImplementationVersion();
      return new String[] {"carrick " + (version == null ? "(unpackaged)" : version)};
    }
  }
}
