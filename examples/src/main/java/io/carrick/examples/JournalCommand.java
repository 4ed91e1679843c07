package io.carrick.examples;

import io.carrick.engine.QueueNames;
import io.carrick.journal.JournalTool;
import io.carrick.journal.JournalTool.Naming;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.AccessDeniedException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The command line of {@link JournalTool}. Exits with 0 if all is well, 1 if there is damage, 2 if
 * the command line was wrong, there is no journal, or a broker has it open. Confined to the main
 * thread.
 */
@Command(
    name = "journal",
    description = "Looks at what serve --data has kept, while no broker works with it.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "(inspect | verify | compact)")
final class JournalCommand implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing subcommand");
  }

  /** Does something with a journal. */
  private interface Work {
    /** Returns whether there was no damage. */
    boolean with(JournalTool tool) throws IOException;
  }

  private static int exitCode(Path directory, Work work) {
    // Where lines can be written over there is a bar.
    boolean bar = Ansi.AUTO.enabled();
    var out = new PrintWriter(System.out, true, Charset.defaultCharset());
    try {
      boolean fine = work.with(JournalTool.in(directory, out, bar));
      return fine ? CommandLine.ExitCode.OK : CommandFailure.FAILED;
    } catch (AccessDeniedException e) {
      throw new CommandFailure(
          CommandFailure.WRONG_USE, e.getFile() + " cannot be read or written");
    } catch (NotDirectoryException e) {
      throw new CommandFailure(CommandFailure.WRONG_USE, directory + " is not a directory");
    } catch (IOException e) {
      throw new CommandFailure(CommandFailure.WRONG_USE, String.valueOf(e.getMessage()));
    }
  }

  @Command(
      description = "Prints the log's files, how much is live, and the queues.",
      mixinStandardHelpOptions = true)
  int inspect(@Parameters(paramLabel = "DIR", description = "Where the journal is.") Path dir) {
    var names = new QueueNames();
    return exitCode(dir, tool -> tool.inspect(new Naming(names, names::of)));
  }

  @Command(
      description = "Reads everything and checks it against its checksums.",
      mixinStandardHelpOptions = true)
  int verify(@Parameters(paramLabel = "DIR", description = "Where the journal is.") Path dir) {
    return exitCode(dir, JournalTool::verify);
  }

  @Command(
      description = "Writes what is live anew and deletes the rest.",
      mixinStandardHelpOptions = true)
  int compact(@Parameters(paramLabel = "DIR", description = "Where the journal is.") Path dir) {
    return exitCode(dir, JournalTool::compact);
  }
}
