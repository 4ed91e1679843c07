package io.carrick.examples.ctl;

import java.io.IOException;
import java.io.PrintStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The {@code ctl} command: hands its words to a running {@code serve}. Stateless. */
public final class CtlClient {

  /** Where the socket is, if no option says so. */
  public static final String VARIABLE = "CARRICK_CTL";

  private static final long PATIENCE_MS = 120_000;

  private static final String USAGE =
      """
      Usage: carrick ctl --socket PATH [-p VHOST] [--json] COMMAND [WORD...]
      Asks a broker that was started with 'carrick serve --ctl PATH'. The path may also be in the
      environment variable CARRICK_CTL. 'carrick ctl --socket PATH help' lists the commands, which
      are named and written as those of rabbitmqctl.
      """;

  private CtlClient() {}

  /**
   * Runs a command line without its first word.
   *
   * @param line what stands behind {@code ctl}
   * @param variable the value of {@link #VARIABLE}, if it is set
   * @return the exit code
   */
  public static int run(
      List<String> line, Optional<String> variable, PrintStream out, PrintStream err) {
    try {
      CtlArguments arguments = CtlArguments.of(line);
      if (arguments.has("help") || arguments.verb().isEmpty()) {
        out.print(USAGE);
        return arguments.has("help") ? 0 : CtlFailure.WRONG_USE;
      }
      String path =
          arguments
              .option("socket")
              .or(() -> variable)
              .orElseThrow(
                  () -> CtlFailure.wrongUse("where? --socket PATH, as of 'serve --ctl PATH'"));
      return ask(path, line, out, err);
    } catch (CtlFailure failure) {
      err.println("Error: " + failure.getMessage());
      return failure.exitCode();
    }
  }

  private static int ask(String path, List<String> line, PrintStream out, PrintStream err) {
    byte[] answer;
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(Path.of(path)))) {
      CtlWire.write(channel, CtlWire.words(line), PATIENCE_MS);
      answer = CtlWire.read(channel, CtlWire.MOST_ANSWER_BYTES, PATIENCE_MS);
    } catch (IOException | InvalidPathException e) {
      throw CtlFailure.failed("no broker answers at " + path + ": " + e.getMessage());
    }
    int exitCode = answer[0];
    String text = new String(Arrays.copyOfRange(answer, 1, answer.length), StandardCharsets.UTF_8);
    if (exitCode == 0) {
      out.print(text);
      out.flush();
    } else {
      err.println("Error: " + text);
    }
    return exitCode;
  }
}
