package io.carrick.benchmarks.journal;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Load on the journal by itself. */
@Command(
    name = "journal-load",
    description = "Measures the journal by itself.",
    mixinStandardHelpOptions = true,
    subcommands = {Confirming.class, Backlog.class, StreamLoad.class})
public final class JournalLoad {

  private JournalLoad() {}

  /**
   * Runs a measurement and ends the process.
   *
   * @param args the command line
   */
  public static void main(String[] args) {
    System.exit(new CommandLine(new JournalLoad()).execute(args));
  }
}
