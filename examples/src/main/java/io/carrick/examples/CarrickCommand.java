package io.carrick.examples;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code carrick} command line. So far it only prints its usage. */
@Command(name = "carrick", description = "A message broker for MQTT and AMQP 0-9-1.")
public final class CarrickCommand implements Runnable {

  private CarrickCommand() {}

  /**
   * Runs the command line and ends the process with its exit code.
   *
   * @param args what stands after {@code carrick}
   */
  public static void main(String[] args) {
    System.exit(new CommandLine(new CarrickCommand()).execute(args));
  }

  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }
}
