package io.carrick.examples;

import io.carrick.examples.ctl.CtlClient;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** What help says of {@code ctl}, which reads its own command line. */
@Command(name = "ctl", description = "Asks and changes a broker that was started with --ctl.")
final class CtlCommand implements Callable<Integer> {

  @Parameters(paramLabel = "WORD", description = "A command as of rabbitmqctl.")
  private List<String> words = List.of();

  @Override
  public Integer call() {
    return CtlClient.run(words, Optional.empty(), System.out, System.err);
  }
}
