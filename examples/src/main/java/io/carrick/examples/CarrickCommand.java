package io.carrick.examples;

import io.carrick.examples.ctl.CtlClient;
import java.util.List;
import java.util.Optional;

/** Where {@code java -jar carrick.jar} begins. */
public final class CarrickCommand {

  private CarrickCommand() {}

  /**
   * Runs the command line and ends the process with its exit code: 0 for success, 1 when something
   * could not be done, 2 when the command line was wrong.
   *
   * @param args what stands after {@code carrick}
   * @throws InterruptedException when somebody interrupts the main thread
   */
  public static void main(String[] args) throws InterruptedException {
    System.exit(run(args));
  }

  private static int run(String[] args) throws InterruptedException {
    if (args.length > 0 && args[0].equals("ctl")) {
      List<String> line = List.of(args).subList(1, args.length);
      Optional<String> socket = Optional.ofNullable(System.getenv(CtlClient.VARIABLE));
      return CtlClient.run(line, socket, System.out, System.err);
    }
    Optional<ServeOptions> plain = ServeOptions.ofPlain(args);
    if (plain.isEmpty()) {
      return CommandTree.commandLine().execute(args);
    }
    try {
      return Server.run(plain.get());
    } catch (CommandFailure failure) {
      return failure.tell();
    }
  }
}
