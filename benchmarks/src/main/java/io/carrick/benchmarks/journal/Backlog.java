package io.carrick.benchmarks.journal;

import io.carrick.Broker;
import io.carrick.QueueOptions;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Fills durable queues of a broker far beyond its memory, and consumes them in order. */
@Command(
    name = "backlog",
    description =
        "Fill durable queues of a broker beyond its memory, start the broker again, consume.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class Backlog implements Callable<Integer> {

  @Option(names = "--messages", description = "How many.")
  private long messages = 50_000_000;

  @Option(names = "--queues", description = "How many queues they go to, in turn.")
  private int queues = 1;

  @Option(names = "--bytes", description = "Payload bytes of each, 8 or more.")
  private int bytes = 100;

  @Option(names = "--priorities", description = "Of a queue that has some, used in turn; 0: none.")
  private int priorities;

  @Option(names = "--outstanding", description = "How many are published and not yet confirmed.")
  private int outstanding = 5_000;

  @Mixin private OwnBroker own = new OwnBroker();

  @Option(names = "--no-fill", description = "Take what an earlier run has left.")
  private boolean alreadyFilled;

  @Option(names = "--no-consume", description = "Leave it there, after a start.")
  private boolean left;

  @Option(names = "--no-restart", description = "Consume without starting the broker again.")
  private boolean goOn;

  @Option(names = "--halt", description = "End after filling as a kill would, without closing.")
  private boolean halt;

  @Override
  public Integer call() {
    Broker broker = own.start();
    if (priorities > 0 && queues > 1) {
      throw new IllegalArgumentException("--priorities is for one queue");
    }
    if (!own.outlived() && (alreadyFilled || halt)) {
      throw new IllegalArgumentException("nothing outlives a broker without --directory");
    }
    if (!alreadyFilled) {
      var meter = new Meter();
      var filling =
          own.port()
              .attach(
                  loop -> new Filling(queues, arguments(), bytes, messages, outstanding),
                  Filling::start);
      meter.print("filled", filling.done().join());
      if (halt) {
        Runtime.getRuntime().halt(0);
      }
      if (!goOn && own.outlived()) {
        var closing = new Meter();
        broker.close();
        System.out.printf("closed in %.2f s%n", closing.seconds());
        broker = own.start();
      }
    }
    if (!left) {
      var meter = new Meter();
      var emptying =
          own.port()
              .attach(
                  loop -> new Emptying(queues, messages).byPriority(priorities), Emptying::start);
      meter.print("consumed in order", emptying.done().join());
    }
    broker.close();
    return 0;
  }

  private Map<String, Object> arguments() {
    return priorities == 0 ? Map.of() : Map.of(QueueOptions.MAX_PRIORITY, priorities);
  }
}
